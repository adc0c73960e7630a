"""The layout of our Turtle, wherever it is written: a paragraph a subject, a line for each value. Pure.

The build writes it from lines of N-Quads, exports from terms, sources from rows. Each turns its terms into
text itself and lays them out here, so that the same statements always look the same and `git diff` reads well
(Turtle 1.1 §2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from kg.terms import XSD

# Literals that Turtle lets one write without quotes (§6.5 INTEGER, DECIMAL, BooleanLiteral), as the same
# term.
_BARE: Mapping[str, re.Pattern[str]] = {
    XSD + "integer": re.compile(r"[+-]?[0-9]+\Z"),
    XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+\Z"),
    XSD + "boolean": re.compile(r"(?:true|false)\Z"),
}


def is_bare(value: str, datatype: str) -> bool:
    """Say whether a literal may stand without quotes and datatype and still be the same term."""
    pattern = _BARE.get(datatype)
    return pattern is not None and pattern.match(value) is not None


def prologue(prefixes: Mapping[str, str], base: str = "", header: str = "") -> str:
    """Return the top of a document: comment, ``@base``, and the prefixes in alphabetical order."""
    lines = [f"# {line}".rstrip() for line in header.splitlines()]
    lines += [f"@base <{base}> ."] if base else []
    lines += [f"@prefix {prefix}: <{namespace}> ." for prefix, namespace in sorted(prefixes.items())]
    return "\n".join(lines) + "\n" if lines else ""


def paragraph(subject: str, verbs: Iterable[tuple[str, Sequence[str]]], indent: str = "") -> str:
    """Return one subject's statements, in the order given; the terms are Turtle text already."""
    lines = (f"{verb} " + f" ,\n{indent}        ".join(values) for verb, values in verbs)
    return f"{indent}{subject} " + f" ;\n{indent}    ".join(lines) + " .\n"
