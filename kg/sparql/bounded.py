"""Queries whose work is bounded by their form: one thing's own statements.

Such a query may be answered where it is read, without a process that can be killed: its patterns share one
constant subject, so that what it can find is bounded by what is said of that thing, which a store tells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

import pyoxigraph as ox

_LONGEST = 1000
_IRI = r"<(https?://[A-Za-z0-9./#_%~:=&-]*)>"
_VARIABLE = r"[?$][A-Za-z_][A-Za-z0-9_]*"
_PAIR = rf"(?:{_IRI}|{_VARIABLE})\s+{_VARIABLE}"
_FORM = re.compile(
    rf"\s*SELECT\s+(?:DISTINCT\s+)?(?:\*|{_VARIABLE}(?:\s+{_VARIABLE})*)\s*(?:WHERE\s*)?"
    rf"\{{\s*{_IRI}\s+(?P<pairs>{_PAIR}(?:\s*;\s*{_PAIR})*)\s*\.?\s*\}}\s*(?:LIMIT\s+[0-9]{{1,6}}\s*)?",
    re.IGNORECASE | re.ASCII,
)
_VERB = re.compile(rf"(?:^|;)\s*(?:{_IRI}|{_VARIABLE})", re.ASCII)
MOST = 1000
"""How many solutions a query may have to be answered at once."""


@dataclass(frozen=True)
class Star:
    """Patterns with one subject: its IRI, and of each pattern the predicate's, None for a variable."""

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
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    return Star(match.group(1), tuple(found or None for found in _VERB.findall(match.group("pairs"))))
