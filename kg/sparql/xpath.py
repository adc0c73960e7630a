r"""XPath's regular expressions (F&O 3.1 §5.6), which SPARQL's REGEX and REPLACE and SHACL's sh:pattern use.

`native` translates a pattern for Rust's regex crate, which the embedded engine uses, if that can express it;
`compiled` translates any pattern for Python's ``re``, by pkg:pypi/elementpath. A translation always matches
as XPath's pattern does; one that can't be made raises `PatternError`.
"""

from __future__ import annotations

import re
from functools import lru_cache

_FLAGS = frozenset("smixq")
_CATEGORY = r"\\[pP]\{(?:L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|Z[slp]?|S[mcko]?|C[cfon]?)\}"
_ESCAPED = r"\\[nrt\\|.?*+(){}$\-\[\]^]"
_RANGE = r"(?:[^\[\]\\^&~\-\s]|\\[nrt\\|.?*+(){}$\-\[\]^]|[ ])"
_CLASS = re.compile(rf"\[\^?-?(?:{_RANGE}(?:-{_RANGE})?|\\d)+-?\]")
_TOKEN = re.compile(
    rf"""
    (?P<anchor>\^|\$)
    | (?P<short>\\[dDsSwW])
    | (?P<same>{_CATEGORY}|{_ESCAPED}|\((?:\?:)?|\)|\||[^\\\[\](){{}}.*+?^$|])
    | (?P<dot>\.)
    | (?P<class>\[[^\]\\]*(?:\\.[^\]\\]*)*\])
    | (?P<times>(?:[*+?]|\{{[0-9]+(?:,[0-9]*)?\}})\??)
    """,
    re.VERBOSE | re.DOTALL,
)
_SHORT = {
    r"\d": r"\p{Nd}",
    r"\D": r"\P{Nd}",
    r"\s": r"[ \t\n\r]",
    r"\S": r"[^ \t\n\r]",
    r"\w": r"[^\p{P}\p{Z}\p{C}]",
    r"\W": r"[\p{P}\p{Z}\p{C}]",
}


class PatternError(ValueError):
    """A pattern, its flags or a replacement is not valid in XPath; the message says why."""


def native(pattern: str, flags: str = "") -> tuple[str, str] | None:
    """Return the pattern and the flags that mean the same to Rust's regex crate, or None.

    Raises PatternError for unknown flags.
    """
    check_flags(flags)
    if "q" in flags:
        return re.sub(r"[\\.^$|?*+(){}\[\]#&~\-]", lambda sign: f"\\{sign[0]}", pattern), _kept(flags, "i")
    if "m" in flags or "x" in flags:
        return None  # Rust's m has other line ends, and its x allows comments
    pieces: list[str] = []
    at, before = 0, "("
    while at < len(pattern):
        match = _TOKEN.match(pattern, at)
        if match is None:
            return None
        kind, text = str(match.lastgroup), match[0]
        if kind == "times" and (before in ("times", "anchor") or pieces[-1:] in ([], ["("], ["(?:"], ["|"])):
            return None
        if (kind == "class" and not _orderly(text)) or (kind == "times" and not _rising(text)):
            return None
        pieces.append(_rust(kind, text, flags))
        at, before = match.end(), kind
    written = "".join(pieces)
    return (written, _kept(flags, "is")) if _balanced(pieces) else None


def _rust(kind: str, text: str, flags: str) -> str:
    match kind:
        case "dot":
            return "." if "s" in flags else r"[^\n\r]"
        case "short":
            return _SHORT[text]
        case _:
            return text


_BETWEEN = re.compile(rf"({_RANGE})-({_RANGE})")


def _orderly(text: str) -> bool:
    """Whether a character class is simple and its ranges ascend."""
    return bool(_CLASS.fullmatch(text)) and all(
        low[-1] <= high[-1] and low[0] != "\\" != high[0] for low, high in _BETWEEN.findall(text.strip("[]^"))
    )


def _rising(text: str) -> bool:
    """Whether a quantifier's bounds ascend, and aren't more than an engine can count to."""
    numbers = [int(number) for number in re.findall(r"[0-9]+", text)]
    return numbers == sorted(numbers) and all(number <= 1000 for number in numbers)


def _balanced(pieces: list[str]) -> bool:
    depth = 0
    for piece in pieces:
        depth += piece in ("(", "(?:")
        depth -= piece == ")"
        if depth < 0:
            return False
    return depth == 0


def _kept(flags: str, kept: str) -> str:
    return "".join(flag for flag in kept if flag in flags)


def check_flags(flags: str) -> None:
    """Raise PatternError for an unknown flag."""
    unknown = sorted(set(flags) - _FLAGS)
    if unknown:
        raise PatternError(f"there is no flag {unknown[0]!r}; the flags are i, m, q, s and x")


@lru_cache(maxsize=256)
def compiled(pattern: str, flags: str = "") -> re.Pattern[str]:
    """Return a pattern for Python. It may take exponential time on some texts: use it where it can be killed.

    Raises PatternError.
    """
    if not flags and (plain := _plain(pattern)) is not None:
        return plain
    from elementpath.regex import RegexError, translate_pattern  # slow to load, and rarely needed

    check_flags(flags)
    known = {"s": re.DOTALL, "m": re.MULTILINE, "i": re.IGNORECASE}
    options = 0
    for flag in flags:
        options |= known.get(flag, 0)
    if "q" in flags:
        return re.compile(re.escape(pattern), options & re.IGNORECASE)
    if "x" in flags:
        pattern = _without_space(pattern)
    _check_reach(pattern)
    try:
        return re.compile(translate_pattern(_shorts_as_classes(pattern), options), options)
    except (RegexError, re.error, OverflowError, RecursionError) as error:
        raise PatternError(_why(pattern, error)) from None


_PLAIN = re.compile(
    r"""(?:
      [A-Za-z0-9/:\#_,;=\ -]
    | \[ \^? (?: [A-Za-z0-9] (?: - [A-Za-z0-9] )? | [{},.:/\#_;=\ ] )+ \]
    | [.$^|*+?()]
    | \{ [0-9]+ (?: , [0-9]* )? \}
    )*""",
    re.VERBOSE,
)
"""A pattern of such signs means the same to Python, but for the end of a text and for what ends a line."""
_OTHERWISE = {"$": r"\Z", ".": r"[^\n\r]"}


def _plain(pattern: str) -> re.Pattern[str] | None:
    """Return a pattern that needs no translator, as `native` knows it to be right; None for another."""
    if not _PLAIN.fullmatch(pattern) or native(pattern) is None:
        return None
    return re.compile(re.sub(r"\[[^]]*\]|[$.]", lambda sign: _OTHERWISE.get(sign[0], sign[0]), pattern))


_ONE_CHARACTER = re.compile(rf"{_CATEGORY}|[^\x00-\x7f]")


def outline(pattern: str, flags: str = "") -> re.Pattern[str]:
    """Return a pattern with the same groups, which matches nothing at all where this one does.

    Which characters it is made of doesn't matter for that, so mostly no translator is needed. Raises
    PatternError.
    """
    if not flags and native(pattern) is not None:
        plain = _plain(_ONE_CHARACTER.sub("x", pattern))
        if plain is not None:
            return plain
    return compiled(pattern, flags)


_OUTSIDE = re.compile(r"\\.|\[|\]|[ \t\n\r]+|\(\?<?[=!]|\(\?[a-z]", re.DOTALL)


def _pieces(pattern: str) -> list[tuple[str, bool]]:
    """Split a pattern at escapes, brackets and white space; each piece with whether it is in a class."""
    pieces, at, depth = [], 0, 0
    for match in _OUTSIDE.finditer(pattern):
        pieces.append((pattern[at : match.start()], depth > 0))
        depth += match[0] == "["
        pieces.append((match[0], depth > 0))
        depth -= match[0] == "]"
        at = match.end()
    return [*pieces, (pattern[at:], depth > 0)]


def _without_space(pattern: str) -> str:
    """Remove white space outside of classes, which is what the flag x means (§5.6.2)."""
    return "".join(text for text, inside in _pieces(pattern) if inside or text.strip(" \t\n\r") or not text)


def _shorts_as_classes(pattern: str) -> str:
    r"""Put ``\w`` and ``\s`` into brackets: the translator leaves Python's wider meaning outside of them."""
    return "".join(
        f"[{text}]" if text in _SHORT and not inside else text for text, inside in _pieces(pattern)
    )


def _check_reach(pattern: str) -> None:
    """Raise PatternError for a reference to a group that isn't closed yet (§5.6.1)."""
    opened, closed = 0, set[int]()
    stack: list[int] = []
    for match in re.finditer(r"\\(.)(\d*)|\[(?:\\.|[^\]\\])*\]|\((\?:)?|\)", pattern, re.DOTALL):
        if match[0] == "(":
            opened += 1
            stack.append(opened)
        elif match[0].startswith("(?"):
            stack.append(0)
        elif match[0] == ")" and stack:
            closed.add(stack.pop())
        elif match[1] and match[1].isdigit() and int(match[1]) not in closed:
            raise PatternError(f"\\{match[1]} refers to a group that isn't there before it")


def _why(pattern: str, error: Exception) -> str:
    """Say what is wrong, and what XPath has instead of what people know from elsewhere."""
    for sign, told in (
        ("(?i)", 'XPath has no (?i): give "i" as flags'),
        ("(?=", "XPath has no look-ahead"),
        ("(?!", "XPath has no look-ahead: use !REGEX(...) beside it"),
        ("(?<", "XPath has no look-behind and no named groups"),
        ("\\b", "XPath has no \\b: write (^|\\W) and (\\W|$)"),
    ):
        if sign in pattern:
            return told
    return str(error).split(": ", maxsplit=1)[0] if str(error) else "it isn't XPath's"


# REPLACE

_REPLACEMENT = re.compile(r"\\[\\$]|\$[0-9]+|[^\\$]+", re.DOTALL)


@lru_cache(maxsize=256)
def replacement(text: str, groups: int) -> tuple[str | int, ...]:
    r"""Return a replacement as texts and numbers of groups (§5.6.4). Raises PatternError.

    ``$12`` is the twelfth group where there are so many, else the first and a 2.
    """
    pieces: list[str | int] = []
    at = 0
    while at < len(text):
        match = _REPLACEMENT.match(text, at)
        if match is None:
            raise PatternError("in a replacement, $ needs a digit behind it, and \\ another \\ or a $")
        found = match[0]
        if found[0] == "$":
            digits = found[1:]
            while len(digits) > 1 and int(digits) > groups:
                digits = digits[:-1]
            pieces.append(int(digits) if int(digits) <= groups else "")
            found = f"${digits}"
        else:
            pieces.append(found[1:] if found[0] == "\\" else found)
        at += len(found)
    return tuple(pieces)


def for_rust(text: str, groups: int) -> str:
    """Return a replacement as Rust's regex crate reads it. Raises PatternError."""
    pieces = replacement(text, groups)
    return "".join(
        f"${{{piece}}}" if isinstance(piece, int) else piece.replace("$", "$$") for piece in pieces
    )


def matches(text: str, pattern: str, flags: str = "") -> bool:
    """Whether a pattern is found in a text (fn:matches). Raises PatternError."""
    return compiled(pattern, flags).search(text) is not None


@lru_cache(maxsize=256)
def _replacing(pattern: str, replaced: str, flags: str) -> tuple[re.Pattern[str], tuple[str | int, ...]]:
    found = compiled(pattern, flags)
    if found.search("") is not None:
        raise PatternError("the pattern matches nothing at all, so it can't be replaced")
    return found, (replaced,) if "q" in flags else replacement(replaced, found.groups)


def replace(text: str, pattern: str, replaced: str, flags: str = "") -> str:
    """Return the text with each match replaced (fn:replace). PatternError: also where nothing may match."""
    found, pieces = _replacing(pattern, replaced, flags)

    def written(match: re.Match[str]) -> str:
        return "".join((match[piece] or "") if isinstance(piece, int) else piece for piece in pieces)

    return found.sub(written, text)
