"""What a reading of a query finds."""

from __future__ import annotations

from dataclasses import dataclass, field

from kg.sparql.lexer import Token

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")


@dataclass
class Analysis:
    """What was found. Offsets are indexes into the text that was analysed.

    ``form`` is one of `FORMS`, one of `UPDATES`, or ``""`` where none was recognised. ``triples`` counts
    triple patterns with the steps of their paths, ``calls`` the words that may be SERVICE, ``services`` their
    targets, ``from_named`` where those of ``from_graphs`` start that stand behind NAMED, ``depth`` how deep
    brackets and signs nest. ``changing``: asked twice, it may answer differently. ``normal`` is the query
    with single spaces and no comments: equal texts ask the same. ``fault`` is the first thing that looks
    wrong to a reader of brackets and triples, at ``fault_at``; it matters only once an engine has refused
    the text.
    """

    form: str = ""
    form_at: int = 0
    depth: int = 0
    deepest_at: int = 0
    triples: int = 0
    calls: int = 0
    services: list[Token] = field(default_factory=list)
    from_graphs: list[Token] = field(default_factory=list)
    changing: bool = False
    ambiguous: bool = False
    from_named: list[int] = field(default_factory=list)
    prologue: str = ""
    prefixes: dict[str, str] = field(default_factory=dict)
    base: str | None = None
    names: list[Token] = field(default_factory=list)
    normal: str = ""
    fault_at: int | None = None
    fault: str = ""


@dataclass
class Frame:
    """One open bracket. ``kind``: group, template, bnode, list, path, expression, data, triple.

    ``state`` is what a pattern expects next: (S)ubject, (V)erb, (W) a verb or nothing, (O)bject, (E)nd of an
    object.
    """

    kind: str
    state: str = "S"
    head: bool = False
    subject: Token | None = None
    steps: list[Token] = field(default_factory=list)
    triples: int = 0
    levels: int = 1
    at: int = 0
