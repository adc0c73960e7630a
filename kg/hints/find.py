"""Finding the hints on a query and its answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Generator
from dataclasses import dataclass

from kg.engine import Engine, Result
from kg.engine.door import Policy, admit
from kg.engine.local import LocalEngine
from kg.engine.quirks import of
from kg.errors import KgError
from kg.hints.known import Known, Probe
from kg.hints.names import unknown
from kg.hints.plain import having, without_value
from kg.hints.query import Asked
from kg.hints.texts import tags
from kg.hints.values import concatenated, filters, objects
from kg.sparql.explaining.hints import Hint

LONGEST = 16_000
"""Characters of a query that is read for hints."""
MOST = 3
"""How many hints one answer gets."""
# Beginning with a set of signs, without IGNORECASE: so it is looked for much faster.
_HEAD = re.compile(r"[Ss](?<!\w[Ss])[Ee][Ll][Ee][Cc][Tt]\b([^{]*)")
_VARIABLE = re.compile(r"[?$](\w+)")
_TAGGED = re.compile(r"[\"']@[A-Za-z]|\blang", re.IGNORECASE)


@dataclass(frozen=True)
class Seen:
    """What is known of an answer: whether it is ``empty``, and which of some columns lack a value.

    ``lacking(names, everywhere)`` returns those without any value, or, unless ``everywhere``, those that lack
    one in some row.
    """

    empty: bool
    lacking: Callable[[Collection[str], bool], list[str]] = lambda _names, _everywhere: []

    @classmethod
    def of(cls, result: Result) -> Seen:
        """Look at a whole answer."""

        def lacking(names: Collection[str], everywhere: bool) -> list[str]:
            found = []
            for name in names:
                if name in result.variables:
                    at = result.variables.index(name)
                    missing = [row[at] is None for row in result.rows]
                    if all(missing) if everywhere else any(missing):
                        found.append(name)
            return found

        return cls(result.boolean is False or (result.kind != "ask" and not len(result)), lacking)


Finding = Generator[Probe, Result | None, list[Hint]]


def find(text: str, seen: Seen, known: Known, base_iri: str | None = None) -> Finding:
    """Yield the questions to ask of the data, and return the hints, the surest first.

    If an answer has rows and all its columns have values, the query isn't even read.
    """
    doubt = _doubtful(text, seen)
    if len(text) > LONGEST or not (seen.empty or doubt):
        return []
    asked = Asked.read(text, base_iri)
    if asked is None:
        return []
    found = list(without_value(asked, None if seen.empty else doubt))
    if seen.empty:
        found += having(asked)
    if not found:
        found += yield from concatenated(
            asked, known, [name for name, _ in asked.query.items] if seen.empty else doubt
        )
    if not found:
        found += yield from tags(asked, known)
    if seen.empty and not found and not asked.found.from_graphs and not asked.found.services:
        for look in (unknown, objects, filters):
            found += yield from look(asked, known)
            if found:
                break
    return list(dict.fromkeys(found))[:MOST]


def _doubtful(text: str, seen: Seen) -> list[str]:
    """Return the columns that lack values for a reason that a hint may explain; a cheap test."""
    head = _HEAD.search(text)
    if seen.empty or head is None:
        return []
    names = list(dict.fromkeys(_VARIABLE.findall(head[1])))
    lowered = text.lower()
    if "group_concat" in lowered:
        return seen.lacking(names, False)
    used = _VARIABLE.findall(text)
    single = [name for name in names if used.count(name) == 1]
    if ("@" in text or "lang" in lowered) and _TAGGED.search(text):
        return seen.lacking(names, True)
    return seen.lacking(single, True) if single else []


def find_now(
    text: str, result: Result, known: Known, engine: Engine, base_iri: str | None = None
) -> list[Hint]:
    """Return the hints on an answer, asking an engine for what they need; what it refuses is left out."""
    quirks = of() if isinstance(engine, LocalEngine) else frozenset()
    said = admit(text, Policy(quirks=quirks, base_iri=base_iri)).hints
    finding = find(text, Seen.of(result), known, base_iri)
    answer: Result | None = None
    try:
        probe = next(finding)
        while True:
            try:
                answer = engine.query(probe.sparql, base_iri=base_iri)
            except KgError:
                answer = None
            probe = finding.send(answer)
    except StopIteration as end:
        return [*said, *end.value]
