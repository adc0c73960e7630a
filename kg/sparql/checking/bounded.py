"""Queries whose work is bounded by their form: one thing's own statements, or the first matches of a pattern.

Such a query may be answered in the server's process, without one that can be killed. Either its patterns
share one constant subject, so that it can find no more than what is said of that thing, which a store can
count; or it is a single pattern with a LIMIT, whose matches stand side by side in one of the store's indexes.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple

import pyoxigraph as ox

_LONGEST = 1000
_PLAIN = r"https?://[A-Za-z0-9./#_%~:=&-]*"
_IRI = rf"<{_PLAIN}>"
_VARIABLE = r"[?$][A-Za-z_][A-Za-z0-9_]*"
_TERM = rf"{_IRI}|{_VARIABLE}"
_SELECT = rf"\s*SELECT\s+%s(?:\*|{_VARIABLE}(?:\s+{_VARIABLE})*)\s*(?:WHERE\s*)?"
_GROUP = (
    rf"\{{\s*<(?P<subject>{_PLAIN})>\s+(?P<pairs>(?:<(?P<verb>{_PLAIN})>|{_VARIABLE})\s+{_VARIABLE}"
    rf"(?:\s*;\s*(?:{_TERM})\s+{_VARIABLE})*)\s*\.?\s*\}}\s*"
)
_STAR = re.compile(
    _SELECT % r"(?:DISTINCT\s+)?" + rf"{_GROUP}(?:LIMIT\s+[0-9]{{1,6}}\s*)?", re.IGNORECASE | re.ASCII
)
_TRIPLE = rf"(?:{_TERM})\s+(?:{_TERM}|a)\s+(?:{_TERM})"
_GRAPH = re.compile(
    rf"\s*(?:CONSTRUCT\s*(?:\{{\s*{_TRIPLE}(?:\s*\.\s*{_TRIPLE})*\s*\.?\s*\}}\s*)?(?:WHERE\s*)?{_GROUP}"
    rf"|DESCRIBE\s*<(?P<described>{_PLAIN})>\s*)",
    re.IGNORECASE | re.ASCII,
)
_VERB = re.compile(rf"(?:^|;)\s*(?:<({_PLAIN})>|{_VARIABLE})", re.ASCII)
MOST = 200
"""How many solutions a query may have to be answered at once: a millisecond or two, in which others wait."""
_FEW = re.compile(
    _SELECT % ""
    + rf"\{{\s*(?P<s>{_TERM})\s+(?P<p>{_TERM}|a)\s+(?P<o>{_TERM})\s*\.?\s*\}}"
    + r"\s*LIMIT\s+0{0,6}(?:200|1?[0-9]{1,2})\s*",
    re.IGNORECASE | re.ASCII,
)


class Star(NamedTuple):
    """Patterns with one subject: its IRI, and the predicate's IRI of each pattern, None for a variable."""

    subject: str
    verbs: tuple[str | None, ...]

    def is_small(self, store: ox.Store) -> bool:
        """Whether the default graph can give no more than `MOST` solutions, by counting what it holds."""
        subject, most = ox.NamedNode(self.subject), 1
        for verb in self.verbs:
            predicate = ox.NamedNode(verb) if verb is not None else None
            found = store.quads_for_pattern(subject, predicate, None, ox.DefaultGraph())
            most *= sum(1 for _ in islice(found, MOST + 1))
            if most > MOST:
                return False
        return True


def star(text: str) -> Star | None:
    """Return what a query asks of one thing; None for any other form."""
    if len(text) > _LONGEST:
        return None
    match = _STAR.fullmatch(text)
    return _star(match) if match is not None else None


def graph_of(text: str) -> Star | None:
    """Return of which thing a query makes or describes a graph, and from what; None for any other form."""
    match = _GRAPH.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    return Star(match["described"], (None,)) if match["described"] is not None else _star(match)


def _star(match: re.Match[str]) -> Star:
    pairs = match["pairs"]
    if ";" not in pairs:
        return Star(match["subject"], (match["verb"],))
    return Star(match["subject"], tuple(found or None for found in _VERB.findall(pairs)))


def is_few(text: str) -> bool:
    """Whether a query is one pattern, with no variable twice, and a LIMIT of up to `MOST`.

    With a variable twice, a store may have to pass over all its statements to find those that match.
    """
    match = _FEW.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return False
    variables = [term[1:] for term in (match["s"], match["p"], match["o"]) if term[0] in "?$"]
    return len(set(variables)) == len(variables)
