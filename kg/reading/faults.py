"""What is wrong with a document as a `Fault`: the parser's errors with their place and what mends them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path

from kg.errors import Fault

_UNKNOWN_PREFIX = re.compile(r"The prefix (\S*?):? has not been declared")
_DECLARED = re.compile(r"^@prefix\s+([^\s:]+):", re.MULTILINE)
_PLACE = re.compile(r"^Parser error (?:at|between) .*?: ")
_FULL_WIDTH = dict(zip("；，。：“”‘’（）｛｝", ";,.:\"\"''(){}", strict=True))
"""Signs that a Chinese keyboard writes, and those that Turtle means."""
_SLIPS = (
    ("Line jumps are not allowed", 'a text has no closing " on its line', 'write " where the text ends'),
    ("GRAPH is not a valid", "a new block begins inside another", "write } at the end of the block before"),
    ("Unexpected end of file", "the file ends too early", 'look for a missing . or } or " at its end'),
    ("} is not a valid", "a } too many, or a value is missing before it", "take it out, or write the value"),
    (
        ". is not a valid RDF object",
        "a value is missing before the .",
        "write the value, or take the line out",
    ),
    ("Invalid IRI code point", "an address has no closing > or has a blank in it", "write > where it ends"),
    ("is expected at the end of a graph block", None, "write ; before the next property, or . at the end"),
    (
        "is not a valid",
        None,
        "between properties stands ;, between values a comma, at the end a dot; "
        'words stand in "", names have no blanks',
    ),
)
"""What the parser says of a slip, what is better said of it (if anything), and what would mend it."""


def of_syntax(error: SyntaxError, path: Path, prefixes: Mapping[str, str]) -> Fault:
    """Turn the parser's error into a fault. ``prefixes`` are those to suggest when one is not declared."""
    message = _PLACE.sub("", str(error.msg or error))
    unknown = _UNKNOWN_PREFIX.search(message)
    hint = None
    if unknown:
        message = f"the prefix {unknown[1]}: is unknown"
        hint = _prefix_hint(unknown[1], prefixes, path)
    elif "No scheme found" in message:
        message = "a relative IRI without a base"
        hint = "write the IRI in full, use a prefix, or put @base before it"
    elif sign := next((char for char in message if char in _FULL_WIDTH), None):
        message = f"the sign {sign} is a full-width one"
        hint = f"write {_FULL_WIDTH[sign]} with the keyboard set to English"
    else:
        message, hint = next(
            ((better or message, mend) for words, better, mend in _SLIPS if words in message), (message, None)
        )
    return Fault(message, path, error.lineno, error.offset, hint=hint)


def too_long(path: Path) -> Fault:
    """Return the fault for a text that is too long to be shown, or to be held in memory."""
    hint = "is a quotation mark or a > missing?"
    return Fault("a single term of more than 16 MB", path, hint=hint)


def _prefix_hint(prefix: str, prefixes: Mapping[str, str], path: Path) -> str:
    if prefix in prefixes:
        return f"add: @prefix {prefix}: <{prefixes[prefix]}> ."
    declared = _DECLARED.findall(path.read_text(encoding="utf-8", errors="replace"))
    near = difflib.get_close_matches(prefix, [*declared, *prefixes], n=1)
    return f"is {near[0]}: meant?" if near else "declare it with @prefix at the top of the file"
