"""How wide texts are where they are drawn: signs, bars and boxes are measured in columns of letters."""

import unicodedata


def columns(text: str) -> int:
    """Return how many columns a text takes, a wide character counting two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def shortened(text: str, room: int) -> str:
    """Return a text cut to so many columns."""
    used = 0
    for place, letter in enumerate(text):
        used += columns(letter)
        if used > room:
            return text[: max(1, place - 1)] + "…"
    return text
