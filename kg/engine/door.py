"""The one door: a query's text comes in, is read once, and goes on as what an engine may be asked.

Every query that somebody else wrote is admitted here before an engine is asked: those of the endpoint, pages,
old releases, the notebook, citations and the command line. A `kg.engine.pool.jobs.Job` can't be made from a
text, only from an `Admitted`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pyoxigraph as ox

from kg.errors import QueryRefused, QuerySyntaxError
from kg.sparql.checking.analysis import Analysis, analyse
from kg.sparql.checking.guard import Limits, check, resolve
from kg.sparql.checking.suspects import suspicious
from kg.sparql.explaining.hints import Hint, hint
from kg.sparql.explaining.surprises import surprises
from kg.sparql.reading import tree
from kg.sparql.reading.lexer import Token, position
from kg.sparql.reading.syntax import Select
from kg.sparql.rewriting import language_tags, regexes, spelling
from kg.sparql.rewriting.bnode import check_labels
from kg.sparql.rewriting.edits import CantRewrite, Edit, Writing
from kg.sparql.rewriting.graph_names import apart
from kg.sparql.rewriting.graphs import Writer
from kg.sparql.rewriting.group_concat import edit as edit_concat
from kg.sparql.rewriting.path_ends import ends

DEEPEST = 100
"""Brackets within brackets that are followed; an engine's own parser ends soon behind that."""


@dataclass(frozen=True)
class Policy:
    """How texts are admitted.

    ``limits`` bound what strangers may ask, None for the owner's own questions; ``quirks`` are those of the
    engine that is asked, by id (see `kg.engine.quirks.of`); ``base_iri`` resolves relative IRIs; ``engine``
    is the engine's name, for refusals.
    """

    limits: Limits | None = None
    quirks: frozenset[str] = frozenset()
    base_iri: str | None = None
    engine: str = f"pyoxigraph {ox.__version__}"


@dataclass(frozen=True)
class Order:
    """What an engine is asked, and what must be checked first, against its parser or its data.

    ``sparql`` is the text for the engine. ``parsed``, where it isn't None, is the query as it came, in
    spellings that the engine knows: the engine must first accept it as SPARQL. ``ends`` are the constants at
    paths that may have length zero, each with the graph it is looked up in; if a graph lacks one, ``strict``
    is asked instead or, without a ``strict``, the query is refused with ``reason``. ``sources`` are the
    graphs of FROM, which make the default graph, or None; ``services`` the endpoints of SERVICE. ``calls``:
    the text calls functions of `kg.engine.functions`. ``unread``: `kg.sparql.reading.tree` couldn't read the
    text, so it is refused if it is SPARQL.
    """

    sparql: str
    parsed: str | None = None
    strict: str | None = None
    reason: tuple[str, str] | None = None
    ends: tuple[tuple[str, str | None], ...] = ()
    sources: tuple[str, ...] | None = None
    services: tuple[str, ...] = ()
    calls: bool = False
    unread: bool = False

    @property
    def plain(self) -> bool:
        """Whether there is nothing but the text: no check, no function of ours."""
        # Not by comparing with another: it is asked several times of each query.
        return (
            self.parsed is None
            and self.strict is None
            and self.reason is None
            and self.sources is None
            and not (self.ends or self.services or self.calls or self.unread)
        )

    @classmethod
    def told(cls, sparql: str, more: Mapping[str, Any] | None) -> Order:
        """Return what a query process was told as JSON: the text, and what goes with it."""
        return cls(sparql, **{name: _tuples(value) for name, value in (more or {}).items()})


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


@dataclass(frozen=True)
class Admitted:
    """A query that may be asked: its ``text`` as it came, what was ``found`` in it, and the ``order``.

    ``met`` are the quirks that were written around; ``hints`` what its author should know about them.
    """

    text: str
    found: Analysis
    order: Order
    met: frozenset[str] = frozenset()
    hints: tuple[Hint, ...] = ()
    spelt: tuple[Edit, ...] = field(default=(), repr=False)

    def placed(self, error: QuerySyntaxError) -> QuerySyntaxError:
        """Return an engine's error with its line and column moved to those of the original text."""
        if error.line is None or error.column is None or not self.spelt or self.order.parsed is None:
            return error
        lines = self.order.parsed.split("\n")
        index = sum(len(line) + 1 for line in lines[: error.line - 1]) + error.column - 1
        line, column = position(self.text, spelling.before_edits(list(self.spelt), index))
        return QuerySyntaxError(error.message, line=line, column=column, hint=error.hint)


_KEPT, _SHORT = 256, 8192
"""How many admissions are kept, and up to which length of text: the same queries come again and again."""
_kept: dict[tuple[str, Policy], Admitted] = {}


def admit(text: str, policy: Policy) -> Admitted:
    """Read a query once, and say what an engine is to be asked.

    Raises QueryRefused for what is not allowed (its ``limit`` names the setting) or can't be answered rightly
    (its ``limit`` is ``engine``), and QuerySyntaxError for what no engine could read.
    """
    name = (text, policy)
    found = _kept.get(name)
    if found is None:
        found = _admit(text, policy)
        # Not where FROM or SERVICE name something: whether that is allowed may change between two calls.
        if len(text) <= _SHORT and not found.found.from_graphs and not found.found.services:
            if len(_kept) >= _KEPT:
                _kept.clear()
            _kept[name] = found
    return found


def _admit(text: str, policy: Policy) -> Admitted:
    text = text.removeprefix("\ufeff")  # Windows saves with a byte order mark
    limits = policy.limits
    suspect = bool(policy.quirks) and suspicious(text)
    if limits is not None:
        found = check(text, limits, base_iri=policy.base_iri)
    else:
        found = analyse(text, DEEPEST) if suspect else Analysis()
    if not suspect:
        return Admitted(text, found, _reaching(Order(text), found, policy))
    spelt = spelling.edits(text) if "spelling" in policy.quirks and spelling.SUSPECT.search(text) else []
    parsed = spelling.apply(text, spelt)
    if limits is None and spelt:
        found = analyse(parsed)
    admitted = Admitted(text, found, Order(parsed, parsed), spelt=tuple(spelt))
    try:
        if found.depth > DEEPEST:
            raise tree.Unreadable("too deep")
        return _anew(admitted, tree.read(parsed), policy)
    except tree.Unreadable:
        order = Order(parsed, parsed if spelt else None, unread=True)
        return replace(admitted, order=_reaching(order, found, policy))
    except CantRewrite as error:
        raise _refused(error, policy) from None
    except QuerySyntaxError as error:
        raise admitted.placed(error) from None


def _anew(admitted: Admitted, query: Select, policy: Policy) -> Admitted:
    """Rewrite a query where it meets a quirk."""
    parsed = admitted.order.sparql
    writing = Writing(parsed, policy.quirks)
    lowered = parsed.lower()
    hints: tuple[Hint, ...] = ()
    if "graph" in lowered:
        hints = surprises(query)
        query = apart(writing, query)
    if "bnode" in lowered:
        check_labels(writing, query)
    calls, changed = False, []
    if "regular-expression" in policy.quirks and ("regex" in lowered or "replace" in lowered):
        calls = regexes.edit(writing, query)
    if "language-tag" in policy.quirks and "lang" in lowered:
        changed = language_tags.edit(writing, query)
    if "group_concat" in lowered:
        edit_concat(writing, query)
    sparql = Writer(writing).query(query)
    order = Order(sparql, parsed if sparql != admitted.text else None, calls=calls)
    if "zero-length" in policy.quirks:
        order = _with_ends(order, query, writing, admitted.found, policy)
    met = writing.met | ({"spelling"} if admitted.spelt else set())
    return replace(
        admitted,
        order=_reaching(order, admitted.found, policy),
        met=frozenset(met),
        hints=(*_of_tags(changed), *hints),
    )


def _of_tags(changed: list[str]) -> list[Hint]:
    return [hint("tag-case", tag=tag, kept=tag.lower()) for tag in dict.fromkeys(changed)]


def _with_ends(order: Order, query: Select, writing: Writing, found: Analysis, policy: Policy) -> Order:
    """Add to an order the constants that a graph may lack, and the text to ask if one does."""
    looked_for = []
    for term, graph in ends(query):
        node = resolve(term, found, policy.base_iri)
        name = resolve(graph, found, policy.base_iri) if graph is not None else None
        if node is not None and (graph is None or isinstance(name, ox.NamedNode)):
            looked_for.append((str(node), name.value if isinstance(name, ox.NamedNode) else None))
    if not looked_for:
        return order
    strictly = replace(writing, edits=list(writing.edits), made=set(writing.made), strict=True)
    try:
        strict, reason = Writer(strictly).query(query), None
    except CantRewrite as error:
        strict, reason = None, (error.form, error.hint)
    return replace(
        order,
        ends=tuple(dict.fromkeys(looked_for)),
        strict=strict,
        reason=reason,
        parsed=order.parsed or order.sparql,
    )


def _reaching(order: Order, found: Analysis, policy: Policy) -> Order:
    """Add to an order the graphs of FROM and the endpoints of SERVICE."""
    if not found.from_graphs and not found.services:
        return order

    def named(tokens: Iterable[Token]) -> tuple[str, ...]:
        nodes = [resolve(token.text, found, policy.base_iri) for token in tokens]
        return tuple(node.value for node in nodes if isinstance(node, ox.NamedNode))

    default = [token for token in found.from_graphs if token.start not in found.from_named]
    sources = named(default) if found.from_graphs else None
    return replace(order, sources=sources, services=named(found.services))


def _refused(error: CantRewrite, policy: Policy) -> QueryRefused:
    return wrong(error.form, error.hint, policy.engine)


def wrong(form: str, hint: str, engine: str) -> QueryRefused:
    """Return the refusal of a form that an engine answers wrongly."""
    return QueryRefused(
        f"the engine ({engine}) answers {form} wrongly, so it isn't asked", limit="engine", hint=hint
    )
