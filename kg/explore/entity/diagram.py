"""Who acts, as a drawing: a thing, and under each relation the bodies that stand in it, with their roles.

It is made of the statements whose shapes lead to actors (``kg:show kg:Actor``). There are two layouts, in
columns for a wide page and one below the other for a narrow one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kg.explore.model import Entity, Ref, Statement, Table, Text
from kg.explore.naming.names import Reader
from kg.explore.widths import columns

MOST = 9
"""How many bodies a relation shows; the page has all."""
WIDTH = 236
"""Of a column, in pixels."""
GUTTER = 20
LINES = 2
LETTERS = 30
"""How many columns of text a line of a box takes; a Chinese character takes two."""
LINE, PAD, HEAD, SPACE = 17, 8, 30, 10
TOP = 56


@dataclass(frozen=True, slots=True)
class Box:
    """A body's box: where it stands, its name in lines, its roles, and the marks of who says so."""

    ref: Ref | None
    x: int
    y: int
    width: int
    height: int
    lines: tuple[str, ...]
    roles: str
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """A relation: its name at a place, its boxes, and how many more there are."""

    label: Text
    x: int
    y: int
    boxes: tuple[Box, ...]
    more: int
    end: int


@dataclass(frozen=True, slots=True)
class Diagram:
    """The drawing: the thing's box on top, the branches below."""

    width: int
    height: int
    root: Box
    branches: tuple[Branch, ...]
    narrow: bool


@dataclass(frozen=True, slots=True)
class _Actor:
    ref: Ref | None
    name: str
    roles: tuple[str, ...]
    sources: tuple[int, ...]


_Relations = Sequence[tuple[Text, Sequence[_Actor], int]]


def relations(entity: Entity, reader: Reader) -> _Relations:
    """Return the relations in which actors stand, each with them and the number of those not shown."""
    found = []
    for section in entity.sections:
        for statement in section.statements:
            actors = list(_actors(statement, reader)) if statement.actors else []
            if actors:
                more = max(0, len(actors) - MOST) + (statement.more if not statement.table else 0)
                found.append((statement.property.label, actors[:MOST], more))
    return found


def _actors(statement: Statement, reader: Reader) -> Iterator[_Actor]:
    for told in statement.told:
        roles = [value.label.value for d in told.details for value in d.values if isinstance(value, Ref)]
        yield _Actor(told.ref, told.ref.label.value, tuple(roles), told.sources)
    for fact in statement.facts:
        if isinstance(fact.value, Ref):
            yield _Actor(fact.value, fact.value.label.value, (), fact.sources)
    if statement.table:
        yield from _members(statement.table, reader)


def _members(table: Table, reader: Reader) -> Iterator[_Actor]:
    """Yield the members of a table: of a row the first thing that is no concept, else the role it tells."""
    for row in table.rows:
        refs = [f.value for cell in row.cells for f in cell.facts if isinstance(f.value, Ref)]
        things = [ref for ref in refs if not _is_concept(reader, ref)]
        named = things[0] if things else (refs[0] if refs else None)
        if named:
            roles = [ref.label.value for ref in refs if ref not in {named, *things}]
            yield _Actor(named, named.label.value, tuple(roles), row.sources)


def _is_concept(reader: Reader, ref: Ref) -> bool:
    return any(cls.endswith("#Concept") for cls in reader.names.of(ref.iri).classes)


def diagram(entity: Entity, reader: Reader, *, narrow: bool = False) -> Diagram | None:
    """Lay out who acts around a thing; None when there are none, or one relation with one body."""
    found = relations(entity, reader)
    if sum(len(actors) for _, actors, _ in found) < 2:
        return None
    width = WIDTH if not narrow else 340
    label = wrapped(entity.label.value, LETTERS if not narrow else 44)
    root_width = min(max(columns(line) for line in label) * 8 + 2 * PAD, width)
    if narrow:
        root = Box(None, 0, 0, root_width, len(label) * LINE + 2 * PAD, label, "", ())
        branches = tuple(_below(found, root.height + SPACE))
        return Diagram(width, branches[-1].end, root, branches, narrow=True)
    across = len(found) * (WIDTH + GUTTER) - GUTTER
    left, height = max(0, (across - root_width) // 2), len(label) * LINE + 2 * PAD
    root = Box(None, left, 0, root_width, height, label, "", ())
    branches = tuple(
        _branch(one, place * (WIDTH + GUTTER), root.height + TOP, WIDTH) for place, one in enumerate(found)
    )
    return Diagram(across, max(branch.end for branch in branches), root, branches, narrow=False)


def _below(found: _Relations, y: int) -> Iterator[Branch]:
    for one in found:
        branch = _branch(one, 24, y, 316)
        yield branch
        y = branch.end + SPACE


def _branch(one: tuple[Text, Sequence[_Actor], int], x: int, y: int, width: int) -> Branch:
    label, actors, more = one
    at, boxes = y + HEAD, []
    for actor in actors:
        lines = wrapped(actor.name, (width - 2 * PAD) // 7)
        roles = wrapped(", ".join(actor.roles), (width - 2 * PAD) // 6)[0] if actor.roles else ""
        height = len(lines) * LINE + (LINE if roles else 0) + 2 * PAD - 4
        boxes.append(Box(actor.ref, x, at, width, height, lines, roles, actor.sources[:3]))
        at += height + SPACE
    return Branch(label, x, y, tuple(boxes), more, at + (LINE if more else 0))


def wrapped(text: str, room: int, most: int = LINES) -> tuple[str, ...]:
    """Return a text in at most so many lines of ``room`` columns, cut where it is longer."""
    lines: list[str] = [""]
    for word in _words(text):
        if columns(lines[-1] + word.rstrip()) > room and lines[-1]:
            if len(lines) == most:
                lines[-1] = lines[-1].rstrip() + "…"
                break
            lines.append("")
        lines[-1] += word
    return tuple(_cut(line.rstrip(), room) for line in lines)


def _cut(line: str, room: int) -> str:
    while columns(line) > room:
        line = line[:-2] + "…"
    return line


def _words(text: str) -> Iterable[str]:
    """Yield what may not be broken: a word with the space behind it, or a wide character."""
    word = ""
    for letter in text:
        if columns(letter) == 2:
            yield from (word,) if word else ()
            yield letter
            word = ""
        else:
            word += letter
            if letter == " ":
                yield word
                word = ""
    if word:
        yield word
