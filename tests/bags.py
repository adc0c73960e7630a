"""A second oracle: patterns answered as bags by the book (SPARQL 1.1 §18.3 to §18.6), on tiny graphs.

Patterns are tuples, so that nothing is parsed: what an engine is asked is written from the same tuples. It
knows only what the other oracle gets wrong or can't be asked, and what stands around it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

Pattern: TypeAlias = tuple
Solution: TypeAlias = dict[str, str]
Triples: TypeAlias = set[tuple[str, str, str]]
Dataset: TypeAlias = Mapping[str, Triples]
"""Graphs by their names, the default one under ""."""


def written(pattern: Pattern) -> str:
    """Return a pattern as SPARQL."""
    kind, *parts = pattern
    if kind == "triples":
        return " ".join(f"{s} {path(p)} {o} ." for s, p, o in parts[0])
    if kind in _BETWEEN:
        one, other = map(written, parts)
        return f"{{ {one} }} {_BETWEEN[kind]} {{ {{ {other} }} }}"
    first, inner = parts[0], written(parts[1])
    if kind == "graph":
        return f"GRAPH {first} {{ {inner} }}"
    names = " ".join(first)
    if kind == "values":
        return f"VALUES ?x {{ {names} }} {{ {inner} }}"
    if kind == "count":
        by = f" GROUP BY {names}" if first else ""
        return f"{{ SELECT {names} (COUNT(*) AS ?n) {{ {inner} }}{by} }}"
    return f"{{ SELECT {'DISTINCT ' if kind == 'distinct' else ''}{names} {{ {inner} }} }}"


_BETWEEN = {"join": "", "union": "UNION", "optional": "OPTIONAL", "minus": "MINUS"}


def path(of: Pattern | str) -> str:
    """Return a path as SPARQL."""
    match of:
        case ("|", one, other):
            return f"({path(one)}|{path(other)})"
        case ("/", one, other):
            return f"({path(one)}/{path(other)})"
        case ("^", one):
            return f"^{path(one)}"
        case ("+", one):
            return f"({path(one)})+"
    return str(of)


def answer(pattern: Pattern, data: Dataset, graph: str = "") -> list[Solution]:
    """Return the solutions of a pattern, asked of one of the graphs."""
    kind, *parts = pattern
    if kind == "triples":
        return _triples(parts[0], data[graph])
    if kind in ("join", "union", "optional", "minus"):
        return _PAIRS[kind](*(answer(part, data, graph) for part in parts))
    first, inner = parts
    if kind == "graph":
        names = [one for one in data if one and (first.startswith("?") or one == first)]
        named = [(one, {first: one} if first.startswith("?") else {}) for one in names]
        return [both for one, n in named for both in joined([n], answer(inner, data, one))]
    if kind == "values":
        return joined([{"?x": value} for value in first], answer(inner, data, graph))
    return _SELECTS[kind](first, [projected(one, first) for one in answer(inner, data, graph)])


def _triples(triples: list[tuple], graph: Triples) -> list[Solution]:
    found: list[Solution] = [{}]
    for s, p, o in triples:
        found = joined(found, list(matches(s, pairs(p, graph), o)))
    return found


def _optional(some: list[Solution], others: list[Solution]) -> list[Solution]:
    return [both for one in some for both in joined([one], others) or [one]]


def _minus(some: list[Solution], others: list[Solution]) -> list[Solution]:
    return [
        one for one in some if not any(one.keys() & gone.keys() and compatible(one, gone) for gone in others)
    ]


def _distinct(_names: list[str], rows: list[Solution]) -> list[Solution]:
    return [dict(one) for one in dict.fromkeys(tuple(row.items()) for row in rows)]


def _count(names: list[str], rows: list[Solution]) -> list[Solution]:
    groups = Counter(tuple(row.items()) for row in rows)
    if not names and not groups:
        groups[()] = 0
    return [{**dict(one), "?n": number(count)} for one, count in groups.items()]


def number(count: int) -> str:
    """Return a count as a term."""
    return f'"{count}"^^<http://www.w3.org/2001/XMLSchema#integer>'


def projected(solution: Solution, names: Iterable[str]) -> Solution:
    """Return what a solution says of some variables, in their order."""
    return {name: solution[name] for name in names if name in solution}


def compatible(one: Solution, other: Solution) -> bool:
    """Whether two solutions agree on what they share (§18.3)."""
    return all(other.get(name, value) == value for name, value in one.items())


def joined(some: list[Solution], others: list[Solution]) -> list[Solution]:
    """Join two bags (§18.5)."""
    return [{**one, **other} for one in some for other in others if compatible(one, other)]


def pairs(of: Pattern | str, triples: Triples) -> list[tuple[str, str]]:
    """Return the pairs that a path joins, as a bag (§18.4)."""
    match of:
        case ("|", one, other):
            return pairs(one, triples) + pairs(other, triples)
        case ("/", one, other):
            behind = pairs(other, triples)
            return [(a, d) for a, b in pairs(one, triples) for c, d in behind if b == c]
        case ("^", one):
            return [(b, a) for a, b in pairs(one, triples)]
        case ("+", one):
            steps = set(pairs(one, triples))
            found = set(steps)
            while more := {(a, d) for a, b in found for c, d in steps if b == c} - found:
                found |= more
            return sorted(found)
    return [(s, o) for s, p, o in triples if p == of]


def matches(subject: str, found: list[tuple[str, str]], target: str) -> Iterator[Solution]:
    """Yield the solutions of a pattern whose path joins some pairs."""
    for one, other in found:
        solution: Solution = {}
        for end, term in ((subject, one), (target, other)):
            if end.startswith("?") and solution.get(end, term) == term:
                solution[end] = term
            elif end != term:
                break
        else:
            yield solution


_PAIRS = {"join": joined, "union": lambda a, b: a + b, "optional": _optional, "minus": _minus}
_SELECTS = {"select": lambda _names, rows: rows, "distinct": _distinct, "count": _count}
