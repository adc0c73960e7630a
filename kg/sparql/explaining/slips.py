"""Where a query stops being SPARQL, and what it most likely meant. Pure.

An engine's parser tells the furthest place that it reached, which may be far after the fault. So we look in
the text for the faults that people make, and report the engine's own message only when none is found.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from kg.errors import QuerySyntaxError
from kg.sparql.checking.analysis import Analysis, analyse
from kg.sparql.checking.findings import UPDATES
from kg.sparql.reading.lexer import Lexer, position
from kg.terms import WELL_KNOWN

KEYWORDS = frozenset(
    """
    A ABS ADJUST AS ASC ASK AVG BASE BIND BNODE BOUND BY CEIL COALESCE CONCAT CONSTRUCT CONTAINS COUNT
    DATATYPE DAY DESC DESCRIBE DISTINCT ENCODE_FOR_URI EXISTS FALSE FILTER FLOOR FROM GRAPH GROUP
    GROUP_CONCAT HASLANG HASLANGDIR HAVING HOURS IF IN IRI ISBLANK ISIRI ISLITERAL ISNUMERIC ISTRIPLE ISURI
    LANG LANGDIR LANGMATCHES LATERAL LCASE LIMIT MAX MD5 MIN MINUS MINUTES MONTH NAMED NOT NOW OBJECT OFFSET
    OPTIONAL ORDER PREDICATE PREFIX RAND REDUCED REGEX REPLACE ROUND SAMETERM SAMPLE SECONDS SELECT
    SEPARATOR SERVICE SHA1 SHA256 SHA384 SHA512 SILENT STR STRAFTER STRBEFORE STRDT STRENDS STRLANG
    STRLANGDIR STRLEN STRSTARTS STRUUID SUBJECT SUBSTR SUM TIMEZONE TRIPLE TRUE TZ UCASE UNDEF UNION URI
    UUID VALUES VERSION WHERE YEAR
    """.split()  # noqa: SIM905 - a list of words is for reading
)


@dataclass(frozen=True)
class Explanation:
    """What is wrong, where (line and column from 1, where known), and what would mend it, if we can tell."""

    message: str
    line: int | None
    column: int | None
    hint: str | None


def explain(sparql: str, error: QuerySyntaxError, prefixes: Mapping[str, str]) -> Explanation:
    """Return the first fault that we can find in a text that an engine refused, else what the engine said.

    ``prefixes`` are those that the dataset declares.
    """
    found = analyse(sparql)
    faults = [
        fault
        for fault in (
            _undeclared(found, {**WELL_KNOWN, **prefixes}),
            _misspelt(sparql),
            _unfinished(sparql),
            (found.fault_at, found.fault, None) if found.fault_at is not None else None,
        )
        if fault is not None
    ]
    if faults:
        at, message, hint = min(faults, key=lambda fault: fault[0])
        line, column = position(sparql, at)
        return Explanation(message, line, column, hint)
    return Explanation(_readable(error.message), error.line, error.column, error.hint)


_Fault = tuple[int, str, str | None]


def _undeclared(found: Analysis, known: Mapping[str, str]) -> _Fault | None:
    for token in found.names:
        prefix = token.text.partition(":")[0]
        if token.kind == "pname" and prefix not in found.prefixes:
            missing = {
                t.text.partition(":")[0] for t in found.names if t.kind == "pname"
            } - found.prefixes.keys()
            lines = [f"PREFIX {name}: <{known[name]}>" for name in sorted(missing) if name in known]
            hint = (
                "put before the query: " + " ".join(lines)
                if lines
                else f"put before the query: PREFIX {prefix}: <...>, with the namespace it stands for"
            )
            return token.start, f"the prefix {prefix}: is not declared", hint
    return None


def _misspelt(sparql: str) -> _Fault | None:
    lexer = Lexer(sparql)
    while (token := lexer.take(compares=False)) is not None:
        word = token.text.upper()
        if token.kind == "word" and word in UPDATES:
            hint = "ask with SELECT, ASK, CONSTRUCT or DESCRIBE"
            return token.start, f"{token.text} is for updates, and what is published can only be read", hint
        if token.kind == "word" and word not in KEYWORDS:
            near = difflib.get_close_matches(word, sorted(KEYWORDS), n=1, cutoff=0.7)
            hint = (
                f"did you mean {near[0]}?"
                if near
                else "names need a prefix, as in rdfs:label; variables begin with ?"
            )
            return token.start, f"{token.text} is no word of SPARQL", hint
    return None


def _unfinished(sparql: str) -> _Fault | None:
    """Find a string or an IRI that doesn't end."""
    lexer = Lexer(sparql)
    end = 0
    while (token := lexer.take(compares=False)) is not None:
        end = token.start + len(token.text)
    if not lexer.ambiguous:
        return None
    rest = re.compile(r"(?:[ \t\r\n]|#[^\r\n]*)*").match(sparql, end)
    at = rest.end() if rest else end
    if at >= len(sparql):
        return None
    if sparql[at] in "\"'":
        return at, "the string that begins here does not end", 'a line end in a string needs """ around it'
    return at, f"{sparql[at]!r} has no place here", None


def _readable(message: str) -> str:
    """Shorten a parser's list of all that it expected: classes of characters say nothing to people."""
    _, _, expected = message.partition("expected one of ")
    if not expected:
        return message
    if "Prefix not found" in expected:
        return "a prefix is not declared"
    if "IRI parsing failed" in expected:
        return "an IRI is malformed"
    told = re.search(r"The [A-Z][^,\[]*[a-z]", expected)
    if told:
        return told.group()
    words = [word for word in re.findall(r'"[^"]+"|\b[A-Z]{2,}\b', expected) if word != '"']
    return (
        "expected one of " + ", ".join(words[:12])
        if words
        else "the query breaks off or holds something else here"
    )
