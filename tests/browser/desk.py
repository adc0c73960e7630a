"""The query editor on a page of a real browser, and a server of its own for it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import ConsoleMessage, Error, Locator, Page

from tests.browser.expecting import expect

RUN = "Control+Enter"
LONG = "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STR(?c) = CONCAT(STR(?f), STR(?i))) }"
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?thing a ?class }"


@dataclass(frozen=True)
class Served:
    """A running server: its address and its process."""

    address: str
    pid: int

    def kill(self) -> None:
        """End it at once, with the processes that it started."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        for pid in (self.pid, *map(int, children)):
            os.kill(pid, signal.SIGKILL)


@contextmanager
def serving(folder: Path, *arguments: str, **settings: str) -> Iterator[Served]:
    """Serve in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {**os.environ, "KG_QUERY_WORKERS": "1", "KG_ACCESS_LOG": "0", **settings}
    program = "from kg.cli import main; main()"
    command = [sys.executable, "-c", program, "serve", *arguments, "--port", str(port), "--workers", "1"]
    log = (folder / "serve.log").open("wb")
    process = subprocess.Popen(command, env=environ, stderr=log, cwd=folder)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            assert process.poll() is None, (folder / "serve.log").read_text()
            try:
                urlopen(f"{address}/readyz", timeout=1)
                break
            except (URLError, OSError):
                time.sleep(0.1)
        yield Served(address, process.pid)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(20)
        log.close()


Opened = Callable[..., "Desk"]


def warm(address: str) -> None:
    """See the first pages come: on a busy machine that takes longer than a page may take later."""
    for page in ("/query", "/query/vocabulary.json", "/query/values.json?q=a"):
        urlopen(address + page, timeout=60)


class Desk:
    """The editor on a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("pageerror", self._fault)
        page.on("console", self._hear)

    def leave(self) -> None:
        """Listen no more: another test has the page next."""
        self.page.remove_listener("pageerror", self._fault)
        self.page.remove_listener("console", self._hear)

    def _fault(self, error: Error) -> None:
        self.faults.append(str(error))

    def _hear(self, message: ConsoleMessage) -> None:
        # Chromium, editing, writes style attributes into a text field; that they are refused is harmless.
        if "Content Security" in message.text and "Applying inline style" not in message.text:
            self.faults.append(message.text)

    def open(self, address: str, *, ready: bool = True) -> Desk:
        self.page.goto(address)
        if ready:
            self.page.wait_for_selector("#editor[data-ready]", timeout=10_000)
        return self

    @property
    def text(self) -> str:
        return "\n".join(self.page.locator(".cm-line").all_inner_texts()).replace("\u00a0", " ")

    def write(self, text: str) -> None:
        """Put a whole text in, as pasting does."""
        self.page.locator(".cm-content").focus()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def type(self, text: str, *, offered: str | None = None) -> Locator:
        """Type, and wait for what is offered."""
        self.page.keyboard.type(text, delay=8)
        options = self.page.locator(".cm-tooltip-autocomplete li")
        if offered is not None:
            expect(options.filter(has_text=re.compile(offered)).first).to_be_visible()
        return options

    def take(self, text: str, offered: str) -> None:
        """Type, and take what is offered first: it must be the one that is meant."""
        options = self.type(text)
        expect(options.first).to_contain_text(re.compile(offered))
        # A list that is being made anew is dimmed until it is there.
        expect(self.page.locator(".cm-tooltip-autocomplete-disabled")).to_have_count(0)
        self.page.keyboard.press("Enter")

    def run(self) -> None:
        self.page.keyboard.press(RUN)

    @property
    def status(self) -> Locator:
        return self.page.locator(".results .status")

    @property
    def rows(self) -> Locator:
        return self.page.locator("table.rows tbody tr:not(.spacer)")

    def ran(self) -> None:
        """Wait for the whole answer; how quick answers are, other tests ask."""
        expect(self.status).to_contain_text(re.compile("whole|完整"), timeout=30_000)
