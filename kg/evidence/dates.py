"""Dates in a text, as year, month and day, each as far as it is said."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)} | dict.fromkeys(("底", "末", "end"), 12)
_MONTH = r"(?P<{}>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?:(?P<y>(?:19|20)\d\d) ?年(?:度|的)?)? ?(?P<m>1[0-2]|0?[1-9]) ?月(?:份)?"
        r"(?:(?P<d>[0-3]?\d) ?[日号號])?",
        r"(?P<y>(?:19|20)\d\d)[-./](?P<m>1[0-2]|0?[1-9])(?:[-./](?P<d>[0-3]?\d))?(?!\d)",
        _MONTH.format("m") + r" (?P<d>[0-3]?\d)(?:st|nd|rd|th)?,? (?P<y>(?:19|20)\d\d)",
        r"(?P<d>[0-3]?\d)(?:st|nd|rd|th)? " + _MONTH.format("m") + r",?(?: (?P<y>(?:19|20)\d\d))?",
        _MONTH.format("m") + r" (?P<d>[0-3]?\d)(?:st|nd|rd|th)?(?!\d)",
        _MONTH.format("m") + r"(?:,? (?:of )?(?P<y>(?:19|20)\d\d))?\b",
        r"(?P<y>(?:19|20)\d\d) ?年(?P<m>[底末])",
        r"(?P<m>end) of (?P<y>(?:19|20)\d\d)",
        r"(?<!\d)(?P<y>(?:19|20)\d\d)(?!\d)",
    )
)


_WORDY = re.compile(
    r"(?:19|20)\d\d ?年|(?<!\d)(?:1[0-2]|0?[1-9]) ?月(?: ?[0-3]?\d ?[日号號])?"
    r"|(?:[0-3]?\d )?\b(?:January|February|March|April|May|June|July|August"
    r"|September|October|November|December)\b"
    r"(?: [0-3]?\d(?!\d))?(?:,? (?:of )?(?:19|20)\d\d)?"
)


def without_dates(text: str) -> str:
    """Return the text without the dates that words mark as such, so that their numbers count nothing."""
    return _WORDY.sub(" ", unicodedata.normalize("NFKC", text))


class Day(NamedTuple):
    """A date as far as it is said: None for what is left out."""

    year: int | None
    month: int | None
    day: int | None


def dates(text: str) -> Iterator[Day]:
    """Yield every date that the text can be read to name."""
    plain = unicodedata.normalize("NFKC", text)
    for form in _FORMS:
        for match in form.finditer(plain):
            said = match.groupdict()
            yield Day(_number(said.get("y")), _number(said.get("m")), _number(said.get("d")))


def _number(text: str | None) -> int | None:
    if not text:
        return None
    return int(text) if text.isdigit() else _MONTHS[text[:3].lower()]


def parse(value: str) -> Day:
    """Return an xsd:date, xsd:gYearMonth or xsd:gYear in its parts."""
    parts = [int(part) for part in value.split("-")]
    return Day(*[*parts, None, None][:3])


def says(span: str, before: str, value: str) -> bool:
    """Tell whether a span names a date; its year may stand in what the passage says before it."""
    wanted = parse(value)
    earlier = {day.year for day in dates(before)}
    for day in dates(span):
        same_year = day.year == wanted.year or (day.year is None and wanted.year in earlier)
        if same_year and _agree(day.month, wanted.month) and _agree(day.day, wanted.day):
            return True
    return False


def _agree(said: int | None, wanted: int | None) -> bool:
    return wanted is None or said == wanted
