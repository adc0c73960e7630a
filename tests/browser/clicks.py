"""A reader who counts clicks: typing is free, each click or Enter is one."""

from __future__ import annotations

from playwright.sync_api import Download, Locator, Page


class Clicker:
    """Clicks on a page that begins at the home page, and refuses more than are allowed."""

    def __init__(self, page: Page, home: str, most: int = 3) -> None:
        self.page = page
        self.left = most
        page.goto(home)

    def click(self, place: Locator) -> None:
        """Click what is in sight."""
        self._count()
        place.click()

    def enter(self, place: Locator, text: str) -> None:
        """Write a text into a field and press Enter."""
        self._count()
        place.fill(text)
        place.press("Enter")

    def save(self, place: Locator) -> Download:
        """Click what gives a file."""
        self._count()
        with self.page.expect_download() as waiting:
            place.click()
        return waiting.value

    def _count(self) -> None:
        assert self.left > 0, "too many clicks"
        self.left -= 1
