"""The one table of texts for answers without sources: refusals, their hints, and reasons. Pure.

Programs get these texts as they are, in English. A page shows them in its reader's language: it looks the
text up in this table, whether it comes from a query process, an endpoint's JSON or an old citation.
"""

from __future__ import annotations

import re
from collections.abc import Callable

REFUSAL = "the sources of {form} can't be traced"
LIMIT = "tracing met a limit: {reason}"

TEXTS = (
    REFUSAL,
    LIMIT,
    # What isn't traced.
    "{word} queries",
    "this query",
    "a query that isn't read here (at {place})",
    "a query without a pattern",
    "a rule without a pattern",
    "an answer that is new each time",
    "a path in a template",
    "a template that makes blank nodes",
    "a sub-query inside of GRAPH with a variable",
    "{word} with GROUP BY",
    "EXISTS beside aggregates",
    "EXISTS in GROUP BY or HAVING",
    "VALUES behind GROUP BY of an expression",
    "reifiers and annotations",
    "triple terms",
    "the term {term}",
    "a yes or no in this format",
    "a graph's triples",
    "a remote engine's answers",
    "this answer",
    # What mends it.
    "ask with SELECT, ASK or CONSTRUCT",
    "ask without {word}",
    "ask without sources",
    "ask for less at once, or without sources",
    "ask for JSON",
    "ask for them at /sparql, as Turtle",
    "ask for the statements themselves",
    "ask the data where it lies",
    "leave NOW, RAND, UUID and SERVICE out",
    "write it plainer",
    "write it in full",
    "write its triples",
    "write their triples one by one",
    "write a WHERE",
    "put it into a sub-query",
    "put it into the pattern with BIND",
    "put VALUES into the pattern",
    "name the columns",
    "name the graph",
    "give them IRIs",
    # Why an answer comes without its sources.
    "blank nodes can't be asked for again",
    "the traced query answers otherwise",
    "the traced query gives rows that the answer doesn't have",
    "the traced query doesn't give all rows of the answer",
    "the traced query gives a row more often than the answer",
    "a group of the answer has no solution in the traced query",
    "the traced query makes other triples than the answer has",
    "the traced query doesn't make all triples of the answer",
    "a row of a sub-query isn't found again",
    "an EXISTS assigns a variable that the row has already",
    "its solutions, with all that they rest on, are more than {number} MB",
    "the query ran longer than {number} s",
    "the query ran too long",
    "the query took more than {number} MB of memory",
    "all queries together took more than {number} MB of memory, and this one most",
    "the query nests too deep for the engine",
    # What a row lacks.
    "the answer rests on more statements than are told",
    "the way of a path isn't found",
    "what EXISTS found isn't found again",
    "not all that was inferred is followed to what it was inferred from",
)
"""Each text in English, with names in braces where something else goes."""

PLACES = {"word": r"[A-Z]+(?: \*)?", "number": r"[0-9.e+]+"}
"""What may stand in the places of a name, as regular expressions; anything in all others."""

_PLACE = re.compile(r"\{(\w+)\}")


def _pattern(text: str) -> re.Pattern[str]:
    """Return what fits a text whatever stands in its places."""
    pieces = _PLACE.split(text)  # texts and names in turns
    return re.compile(
        "".join(
            f"(?P<{piece}>{PLACES.get(piece, '.+')})" if at % 2 else re.escape(piece)
            for at, piece in enumerate(pieces)
        ),
        re.DOTALL,
    )


_PATTERNS = {text: _pattern(text) for text in sorted(TEXTS, key=lambda text: "{" in text)}


def read(text: str) -> tuple[str, dict[str, str]] | None:
    """Return the table's entry for a text, and the values of its places; None for a text not of the table."""
    for known, pattern in _PATTERNS.items():
        if (found := pattern.fullmatch(text)) is not None:
            return known, found.groupdict()
    return None


def retold(text: str, translate: Callable[[str], str]) -> str:
    """Return a text in another language, with the values in its places; a text not of the table as it is.

    ``translate`` gives a text of the table in that language, with its places.
    """
    found = read(text)
    if found is None:
        return text
    known, values = found
    told = {name: retold(value, translate) for name, value in values.items()}
    return _PLACE.sub(lambda match: told[match[1]], translate(known))
