"""Parse one file; what the parser objects to becomes a `Fault` with line, column and what would mend it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyoxigraph as ox

from kg.build.files import FORMATS
from kg.errors import DataError, Fault

_UNKNOWN_PREFIX = re.compile(r"The prefix (\S*?):? has not been declared")
_DECLARED = re.compile(r"^@prefix\s+([^\s:]+):", re.MULTILINE)
_PLACE = re.compile(r"^Parser error (?:at|between) .*?: ")


def parse_file(path: Path, prefixes: Mapping[str, str]) -> Iterator[ox.Quad]:
    """Yield a file's statements as written. ``prefixes`` are those to suggest when one is not declared.

    Raises DataError with file, line and column on a syntax error, an unknown prefix or a relative IRI.
    """
    try:
        yield from ox.parse(path=path, format=FORMATS[path.suffix])
    except SyntaxError as error:
        raise DataError("a file can't be read", (syntax_fault(error, path, prefixes),)) from None
    except (OSError, ValueError) as error:
        raise DataError("a file can't be read", (Fault(str(error), path),)) from None


def syntax_fault(error: SyntaxError, path: Path, prefixes: Mapping[str, str]) -> Fault:
    """Turn the parser's error into a fault."""
    message = _PLACE.sub("", str(error.msg or error))
    unknown = _UNKNOWN_PREFIX.search(message)
    hint = None
    if unknown:
        message = f"the prefix {unknown[1]}: is unknown"
        hint = _prefix_hint(unknown[1], prefixes, path)
    elif "No scheme found" in message:
        message = "a relative IRI without a base"
        hint = "write the IRI in full, use a prefix, or put @base before it"
    return Fault(message, path, error.lineno, error.offset, hint=hint)


def _prefix_hint(prefix: str, prefixes: Mapping[str, str], path: Path) -> str:
    if prefix in prefixes:
        return f"add: @prefix {prefix}: <{prefixes[prefix]}> ."
    declared = _DECLARED.findall(path.read_text(encoding="utf-8", errors="replace"))
    near = difflib.get_close_matches(prefix, [*declared, *prefixes], n=1)
    return f"is {near[0]}: meant?" if near else "declare it with @prefix at the top of the file"
