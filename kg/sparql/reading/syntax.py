"""The nodes of a query's tree, as far as rewriting needs them, each with its place in the text.

They are named as in the specification (SPARQL 1.1 §19.8). The text between a node's children isn't read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from kg.sparql.reading.lexer import Token

Path: TypeAlias = "Link | Inverse | Negated | Sequence | Alternative | Repeated"


@dataclass(frozen=True)
class Link:
    """One property: an IRI, a compact name or ``a``, as written."""

    text: str


@dataclass(frozen=True)
class Inverse:
    """``^path``."""

    path: Path


@dataclass(frozen=True)
class Negated:
    """``!(...)``: the properties forbidden, those that lead forwards and those that lead backwards."""

    forwards: tuple[str, ...]
    backwards: tuple[str, ...]


@dataclass(frozen=True)
class Sequence:
    """``a/b``."""

    paths: tuple[Path, ...]


@dataclass(frozen=True)
class Alternative:
    """``a|b``."""

    paths: tuple[Path, ...]


@dataclass(frozen=True)
class Repeated:
    """``path*``, ``path+`` or ``path?``."""

    path: Path
    sign: str


@dataclass(frozen=True)
class End:
    """The subject or the object of a triple pattern.

    ``kind``: var, iri, literal, bnode, fresh (a blank node without a name), triple. ``text`` as written; of
    a fresh one its number.
    """

    kind: str
    text: str

    @property
    def constant(self) -> bool:
        """Whether it is an IRI or a literal."""
        return self.kind in ("iri", "literal")


@dataclass(frozen=True)
class Triple:
    """One triple pattern; ``path`` is an End where the property is a variable."""

    subject: End
    path: Path | End
    object: End


@dataclass
class Node:
    """A part of the text, from ``start`` to ``end`` (offsets), and the nodes in it."""

    start: int
    end: int = 0
    children: list[Node] = field(default_factory=list)


@dataclass
class Triples(Node):
    """A block of triple patterns.

    ``opaque``: it holds reifiers or annotations, which can't be written as single patterns. ``names`` are
    the variables in it.
    """

    triples: list[Triple] = field(default_factory=list)
    opaque: bool = False
    names: set[str] = field(default_factory=set)


@dataclass
class Group(Node):
    """``{ ... }``, its parts in their order."""


@dataclass
class Optional(Node):
    """``OPTIONAL group``."""


@dataclass
class Minus(Node):
    """``MINUS group``."""


@dataclass
class Union(Node):
    """``group UNION group ...``, or a group alone."""


@dataclass
class Graph(Node):
    """``GRAPH name group``."""

    name: Token = field(default_factory=lambda: Token("", "", 0))


@dataclass
class Service(Node):
    """``SERVICE``: what is in it is another server's to read."""

    silent: bool = False


@dataclass
class Lateral(Node):
    """``LATERAL group``, an extension."""


@dataclass
class Expression(Node):
    """An expression: its tokens; its children are the groups of EXISTS."""

    tokens: list[Token] = field(default_factory=list)

    @property
    def aggregates(self) -> bool:
        """Whether it holds an aggregate (§18.5)."""
        return any(token.kind == "word" and token.text.upper() in _AGGREGATES for token in self.tokens)


@dataclass
class Filter(Node):
    """``FILTER expression``."""


@dataclass
class Bind(Node):
    """``BIND(expression AS variable)``."""

    name: str = ""


@dataclass
class Values(Node):
    """``VALUES``: its variables, the rows as tokens of terms, and the tokens of all."""

    names: list[str] = field(default_factory=list)
    certain: bool = True
    tokens: list[Token] = field(default_factory=list)


@dataclass
class Select(Node):
    """A SELECT, inner or outer; another form of query has what it shares with one.

    Offsets: ``star_at`` is where ``*`` stands, ``head_end`` where the projection ends, ``group_end`` where
    the conditions of GROUP BY end; -1 for none. ``items`` are the projected names, each with its expression
    or None; ``sliced``: it has LIMIT or OFFSET; ``conditions`` are those of HAVING.
    """

    form: str = "SELECT"
    distinct: bool = False
    star_at: int = -1
    items: list[tuple[str, Expression | None]] = field(default_factory=list)
    head_end: int = 0
    where: Group | None = None
    group_end: int = -1
    sliced: bool = False
    conditions: Expression | None = None

    @property
    def aggregates(self) -> bool:
        """Whether all rows are aggregated into one, without GROUP BY."""
        return self.group_end < 0 and (
            self.conditions is not None
            or any(expression is not None and expression.aggregates for _, expression in self.items)
        )


_AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})
