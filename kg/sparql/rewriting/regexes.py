"""Rewriting REGEX and REPLACE with XPath's patterns for an engine whose regular expressions are Rust's."""

from __future__ import annotations

import re

from kg.errors import QuerySyntaxError
from kg.sparql.reading.calls import Call, calls, constant, end_of, expressions, quoted
from kg.sparql.reading.lexer import Token, position
from kg.sparql.reading.syntax import Node
from kg.sparql.rewriting.edits import Edit, Writing
from kg.sparql.xpath import PatternError, check_flags, compiled, for_rust, native, outline, replacement

REGEX, REPLACE = "urn:kg:function:matches", "urn:kg:function:replace"
"""What an engine is to call for patterns that its own can't say; see `kg.engine.functions`."""


_SAME = re.compile(r"[^$\\]*|\$[0-9]")
"""Replacements that Rust reads as XPath does."""


def edit(writing: Writing, query: Node) -> bool:
    """Note the edits that are needed; return whether the new text calls one of `kg.engine.functions`.

    Raises QuerySyntaxError for a pattern that isn't XPath's.
    """
    own = False
    for expression in expressions(query):
        for call in calls(expression.tokens):
            if call.word in ("REGEX", "REPLACE") and call.name.kind == "word":
                own = _one(writing, call) or own
    return own


def _one(writing: Writing, call: Call) -> bool:
    replaces = call.word == "REPLACE"
    given = call.arguments[3:4] if replaces else call.arguments[2:3]
    if not (3 if replaces else 2) <= len(call.arguments) <= (4 if replaces else 3):
        return False  # left to the engine, which reports the error
    if _tagged(call.arguments[1]):
        return False
    pattern, flags = constant(call.arguments[1]), constant(given[0]) if given else ""
    replaced = constant(call.arguments[2]) if replaces else ""
    if pattern is None or flags is None or replaced is None:
        return _call_ours(writing, call)
    try:
        _check(pattern, flags, replaced if replaces else None)
        written = native(pattern, flags)
    except PatternError as error:
        line, column = position(writing.text, call.arguments[1][0].start)
        raise QuerySyntaxError(
            f"the regular expression can't be used: {error}",
            line=line,
            column=column,
            hint="REGEX and REPLACE take XPath's regular expressions (XPath Functions 3.1, section 5.6)",
        ) from None
    if written is None:
        return _call_ours(writing, call)
    _rewrite(writing, call.arguments[1][0], pattern, written[0])
    if given:
        _rewrite(writing, given[0][0], flags, written[1])
    if replaces and not _SAME.fullmatch(replaced):
        groups = outline(pattern, flags).groups if "q" not in flags else 0
        text = replaced.replace("$", "$$") if "q" in flags else for_rust(replaced, groups)
        _rewrite(writing, call.arguments[2][0], replaced, text)
    return False


def _check(pattern: str, flags: str, replaced: str | None) -> None:
    """Raise PatternError for what XPath doesn't take, and for what replaces nothing at all."""
    if replaced is None:
        if native(pattern, flags) is None:
            compiled(pattern, flags)
        return
    check_flags(flags)
    found = outline(pattern, flags)
    if found.search("") is not None:
        raise PatternError("it matches nothing at all, so there is nothing to replace")
    if "q" not in flags:
        replacement(replaced, found.groups)


def _tagged(argument: tuple[Token, ...]) -> bool:
    """Whether an argument is a string with a language or a datatype, which is no pattern (§17.4.3.14)."""
    return len(argument) > 1 and argument[0].kind == "string"


def _call_ours(writing: Writing, call: Call) -> bool:
    if not writing.meet("regular-expression"):
        return False
    name = REPLACE if call.word == "REPLACE" else REGEX
    writing.edits.append(Edit(call.name.start, end_of(call.name), f"<{name}>"))
    return True


def _rewrite(writing: Writing, token: Token, before: str, after: str) -> None:
    if before != after and writing.meet("regular-expression"):
        writing.edits.append(Edit(token.start, end_of(token), quoted(after)))
