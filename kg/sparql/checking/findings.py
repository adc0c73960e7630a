"""What `kg.sparql.checking.analysis` finds in a query."""

from __future__ import annotations

from dataclasses import dataclass, field

from kg.sparql.reading.lexer import Token

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")


@dataclass
class Analysis:
    """What was found. Offsets are indexes into the text that was analysed.

    ``form`` is one of `FORMS`, one of `UPDATES`, or ``""`` where none was recognised. ``triples`` counts
    triple patterns with the steps of their paths, ``calls`` the words that may be SERVICE. ``services`` are
    the targets of SERVICE, ``from_graphs`` those of FROM and FROM NAMED, ``from_named`` the offsets of the
    latter. ``depth`` is how deep brackets and signs nest. ``changing``: the answer may differ when asked
    again. ``normal`` is the query with single spaces and no comments: equal texts ask the same. ``fault`` is
    the first thing that looks wrong, at ``fault_at``; it is of use only when an engine has refused the text.
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
