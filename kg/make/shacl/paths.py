"""SHACL property paths: read from the shapes' graph, followed in the data's (SHACL §2.3.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.make.shacl.terms import Term
from kg.terms import RDF, SH

Step = Callable[[Term, str, bool], Iterable[Term]]
"""Gives the values of a property from a node, or with True the nodes that have the node as a value."""

_MODIFIERS = ("inversePath", "alternativePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath")


@dataclass(frozen=True)
class Path:
    """A path: ``kind`` is ``predicate``, ``sequence`` or one of SHACL's modifiers."""

    kind: str
    predicate: str = ""
    parts: tuple[Path, ...] = ()

    def __str__(self) -> str:
        """Write it as SPARQL would."""
        if self.kind == "predicate":
            return f"<{self.predicate}>"
        if self.kind in ("sequence", "alternativePath"):
            return "(" + ("/" if self.kind == "sequence" else "|").join(map(str, self.parts)) + ")"
        inner = str(self.parts[0])
        if self.kind == "inversePath":
            return f"^{inner}"
        return inner + {"zeroOrMorePath": "*", "oneOrMorePath": "+", "zeroOrOnePath": "?"}[self.kind]


def read_list(head: Term, table: Mapping[Term, Mapping[str, Sequence[Term]]]) -> list[Term]:
    """Return the members of an RDF list. Raises ValueError when it isn't a well-formed one."""
    items: list[Term] = []
    seen = {head}
    while head != ox.NamedNode(RDF + "nil"):
        cell = table.get(head, {})
        first, rest = cell.get(RDF + "first", ()), cell.get(RDF + "rest", ())
        if len(first) != 1 or len(rest) != 1 or rest[0] in seen:
            raise ValueError(f"the list at {head} is broken")
        items.append(first[0])
        head = rest[0]
        seen.add(head)
    return items


def read_path(node: Term, table: Mapping[Term, Mapping[str, Sequence[Term]]]) -> Path:
    """Return the path that a node of the shapes' graph stands for. Raises ValueError when it is none."""
    if isinstance(node, ox.NamedNode):
        return Path("predicate", node.value)
    cell = table.get(node, {})
    if RDF + "first" in cell:
        return Path("sequence", parts=tuple(read_path(item, table) for item in read_list(node, table)))
    for kind in _MODIFIERS:
        for value in cell.get(SH + kind, ()):
            inner = read_list(value, table) if kind == "alternativePath" else [value]
            return Path(kind, parts=tuple(read_path(item, table) for item in inner))
    raise ValueError(f"{node} is no path")


def follow(path: Path, nodes: Iterable[Term], step: Step, *, back: bool = False) -> list[Term]:
    """Return the nodes that a path leads to, without doubles; ``back`` follows it from its end."""
    found: dict[Term, None] = {}
    for node in nodes:
        found.update(dict.fromkeys(_from(path, node, step, back)))
    return list(found)


def _from(path: Path, node: Term, step: Step, back: bool) -> Iterable[Term]:
    found: Iterable[Term]
    match path.kind:
        case "predicate":
            found = step(node, path.predicate, back)
        case "inversePath":
            found = follow(path.parts[0], [node], step, back=not back)
        case "sequence":
            found = [node]
            for part in reversed(path.parts) if back else path.parts:
                found = follow(part, found, step, back=back)
        case "alternativePath":
            found = [end for part in path.parts for end in follow(part, [node], step, back=back)]
        case "zeroOrOnePath":
            found = [node, *follow(path.parts[0], [node], step, back=back)]
        case "zeroOrMorePath":
            found = _closure(path.parts[0], [node], step, back)
        case _:
            found = _closure(path.parts[0], follow(path.parts[0], [node], step, back=back), step, back)
    return found


def _closure(path: Path, start: Sequence[Term], step: Step, back: bool) -> list[Term]:
    found = dict.fromkeys(start)
    edge = list(start)
    while edge:
        edge = [node for node in follow(path, edge, step, back=back) if node not in found]
        found.update(dict.fromkeys(edge))
    return list(found)
