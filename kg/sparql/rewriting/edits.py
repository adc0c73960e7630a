"""Rewriting a query, so that an engine with known faults answers it rightly.

Each change keeps the answer that the standard gives, duplicates included; the comments name the rule. Where
that can't be done, `CantRewrite` is raised. New variables have names that the query doesn't use, and ``*`` is
replaced by the names it stands for where the new ones would show.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from kg.sparql.reading.scope import possible
from kg.sparql.reading.syntax import Node, Select


class CantRewrite(Exception):
    """A form that can't be written otherwise. ``form`` says which it is, ``hint`` what mends it."""

    def __init__(self, form: str, hint: str) -> None:
        super().__init__(form)
        self.form, self.hint = form, hint


@dataclass(frozen=True)
class Edit:
    """A piece of the text and what stands there instead."""

    start: int
    end: int
    text: str


@dataclass
class Writing:
    """The state of one writing.

    ``quirks`` are the faults to avoid, by their ids in `kg.engine.quirks`; ``met`` those that the query has
    met. ``strict``: it isn't known whether the graph holds the constants at the ends of paths. ``made`` are
    the variables that were added.
    """

    text: str
    quirks: frozenset[str]
    edits: list[Edit] = field(default_factory=list)
    strict: bool = False
    made: set[str] = field(default_factory=set)
    met: set[str] = field(default_factory=set)
    count: int = 0
    _taken: set[str] | None = None

    def fresh(self) -> str:
        """Return a variable that the query doesn't have."""
        if self._taken is None:
            self._taken = set(_VARIABLE.findall(self.text))
        self.count += 1
        while f"q{self.count}_" in self._taken:
            self.count += 1
        self.made.add(f"q{self.count}_")
        return f"?q{self.count}_"

    def spelt(self, select: Select) -> list[str]:
        """Return the names that a SELECT's ``*`` stands for, in the engine's order."""
        return sorted(possible(select.where) - self.made) if select.where is not None else []

    def meet(self, quirk: str) -> bool:
        """Whether a quirk must be avoided; if so, it is added to ``met``."""
        if quirk in self.quirks:
            self.met.add(quirk)
            return True
        return False


_VARIABLE = re.compile(r"[?$](\w+)")


def copy(writing: Writing, node: Node, child: Callable[[Node], str]) -> str:
    """Return a node's own text with its children as ``child`` writes them, and the edits between them."""
    inserted = [(part.start, part.end, part) for part in node.children]
    covered = [(part.start, part.end) for part in node.children]
    inserted += [
        (edit.start, edit.end, edit)  # type: ignore[misc]
        for edit in writing.edits
        if node.start <= edit.start < node.end
        and not any(start <= edit.start < end for start, end in covered)
    ]
    pieces, at = [], node.start
    for start, end, what in sorted(inserted, key=lambda item: item[:2]):
        pieces.append(writing.text[at:start])
        pieces.append(child(what) if isinstance(what, Node) else what.text)
        at = end
    pieces.append(writing.text[at : node.end])
    return "".join(pieces)


def spell_out(writing: Writing, select: Select, text: str) -> str:
    """Return a SELECT's or DESCRIBE's text with its ``*`` as names."""
    names = writing.spelt(select)
    if not names:
        raise CantRewrite(
            f"{select.form} * over a pattern without variables", "ask with ASK, or count with COUNT(*)"
        )
    at = select.star_at - select.start
    return text[:at] + " ".join(f"?{name}" for name in names) + text[at + 1 :]


def walk(node: Node) -> Iterable[Node]:
    """Yield a node and all below it."""
    yield node
    for child in node.children:
        yield from walk(child)


def mentions(writing: Writing, node: Node, name: str) -> bool:
    """Whether a variable may stand anywhere in a node's text; strings and comments count too."""
    return name[1:] in _VARIABLE.findall(writing.text[node.start : node.end])
