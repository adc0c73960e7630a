"""Cutting off what a name has beside a thing's own: where it lies, before or after. Pure.

A name in a table is often an address. Its parts are cut where a name can end: between the characters of
scripts without spaces, elsewhere between words.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import accumulate

from kg.search.names import folding

SHORTEST = 2
"""Characters of a part that is looked for."""
LONGEST = 24
"""Units (characters, or words) of such a part."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A name, folded: the units between which it may be cut, and where in its text each begins."""

    units: tuple[str, ...]
    text: str
    places: tuple[int, ...]
    dense: bool

    def part(self, start: int = 0, end: int | None = None) -> str:
        """Return the units from one to before another as they would be typed."""
        return ("" if self.dense else " ").join(self.units[start:end])


def cut(name: str) -> Cut:
    """Return a name with the places where it may be cut."""
    runs = folding.runs(folding.fold(name))
    units = tuple(unit for run in runs for unit in (run.text if run.dense else (run.text,)))
    places = tuple(accumulate(map(len, units), initial=0))
    return Cut(units, "".join(units), places, any(run.dense for run in runs))


def known(name: Cut, knows: Callable[[str], bool]) -> list[tuple[int, int]]:
    """Return where the names of things stand in a name: at each place the longest, none within another.

    Numbers alone don't count, as a house number is easily also a code.
    """
    found: list[tuple[int, int]] = []
    for start, begin in enumerate(name.places[:-1]):
        last = min(len(name.units), start + LONGEST)
        for end in range(last, max(start, found[-1][1] if found else 0), -1):
            text = name.text[begin : name.places[end]]
            if len(text) >= SHORTEST and not text.isdigit() and knows(text):
                found.append((start, end))
                break
    return found


def behind(name: Cut, spans: Collection[tuple[int, int]]) -> int:
    """Return the index of the unit after the names at the beginning, which follow each other.

    0 if there are none, or if they are the whole name.
    """
    ends = dict(spans)
    at = 0
    while at in ends:
        at = ends[at]
    return at if at < len(name.units) else 0


def rests(name: Cut, around: Collection[str]) -> Iterator[str]:
    """Yield the rest of a name without the names of what is around the thing at its beginning.

    At its end if it is written in words, as in "Long Street, Springfield".
    """
    text, whole = name.text, len(name.text)
    yield from (text[at:] for at in _reached(name, around, text.startswith) if at)
    if not name.dense:

        def ends(one: str, at: int) -> bool:
            return text.endswith(one, 0, whole - at)

        yield from (text[: whole - at] for at in _reached(name, around, ends, backwards=True) if at)


def _reached(
    name: Cut, around: Collection[str], has: Callable[[str, int], bool], *, backwards: bool = False
) -> list[int]:
    """Return how many units can be cut off, by any names that follow each other, but never all."""
    whole = len(name.text)
    stops = {whole - place if backwards else place for place in name.places} - {whole}
    reached, queue = {0}, [0]
    while queue:
        at = queue.pop()
        for one in around:
            end = at + len(one)
            if end in stops and end not in reached and has(one, at):
                reached.add(end)
                queue.append(end)
    return sorted(reached)


def said(name: str) -> Iterator[str]:
    """Yield a name as one word, also without its last unit, as people leave out the word for town.

    Not if less than two characters would be left.
    """
    whole = cut(name)
    if whole.units:
        yield whole.text
        if whole.places[-2] >= SHORTEST:
            yield whole.text[: whole.places[-2]]
