"""Writing a SELECT so that its solutions carry the statements that they rest on.

Each solution of a group pattern determines the statements that it rests on: the triple patterns with its
values. So the query is asked again, without DISTINCT and GROUP BY, for all variables of its patterns. Blank
nodes become variables, paths are split where the standard counts each way (SPARQL 1.1 §18.4), and marks tell
which side of a UNION, and which OPTIONAL, took part. None of that adds or loses a solution.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pyoxigraph as ox

from kg.sparql.checking.analysis import analyse
from kg.sparql.checking.findings import Analysis
from kg.sparql.checking.guard import resolve
from kg.sparql.reading import tree
from kg.sparql.reading.pathreader import Unreadable
from kg.sparql.reading.scope import certain, possible
from kg.sparql.reading.syntax import End, Expression, Group, Link, Node, Select, Triple, Triples, Values
from kg.sparql.rewriting.edits import Writing
from kg.tracing.planning.groups import GroupWriter, Place
from kg.tracing.planning.joined import parted
from kg.tracing.planning.keys import Key, keys_of
from kg.tracing.planning.traced import Guard, Inner, Parts, Pattern, Plan, untraceable

DEEPEST = 100


def plan(text: str, base_iri: str | None) -> Plan:
    """Return how a SELECT is traced. Raises QueryRefused for what can't be."""
    found = analyse(text, DEEPEST)
    if found.form not in ("SELECT", "ASK", "CONSTRUCT"):
        raise untraceable(
            f"{found.form} queries" if found.form else "this query", "ask with SELECT, ASK or CONSTRUCT"
        )
    if found.changing:
        raise untraceable("an answer that is new each time", "leave NOW, RAND, UUID and SERVICE out")
    query = read(text)
    made = Planner(text, found, base_iri, query).whole(query)
    return replace(made, default=_default(found, base_iri))


def read(text: str) -> Select:
    """Return the tree of a query. Raises QueryRefused."""
    try:
        return tree.read(text)
    except Unreadable as error:
        raise untraceable(f"a query that isn't read here (at {error})", "write it plainer") from None


def variables_of(template: Iterable[Pattern]) -> tuple[str, ...]:
    """Return the variables of a template's triples."""
    places = {place for one in template for place in (one.subject, one.predicate, one.object)}
    return tuple(sorted(place for place in places if isinstance(place, str)))


def _default(found: Analysis, base_iri: str | None) -> tuple[str, ...] | None:
    """Return the graphs that FROM makes the default graph of; None where there is no FROM (§13.2)."""
    if not found.from_graphs:
        return None
    tokens = [token for token in found.from_graphs if token.start not in found.from_named]
    nodes = [resolve(token.text, found, base_iri) for token in tokens]
    return tuple(node.value for node in nodes if isinstance(node, ox.NamedNode))


def _dataset(text: str, query: Select) -> str:
    """Return FROM and FROM NAMED of a query, as written."""
    if query.where is None:
        return ""
    between = text[query.head_end : query.where.start].rstrip()
    return between[:-5] if between[-5:].upper() == "WHERE" else between


def _template(text: str, query: Select) -> str:
    """Return a CONSTRUCT's template; in the short form, which has none, its pattern (SPARQL 1.1 §16.2.4)."""
    assert query.where is not None  # noqa: S101 - a CONSTRUCT has one
    own = text[query.start + len("CONSTRUCT") : query.head_end].strip()
    return own if own.startswith("{") else text[query.where.start : query.where.end]


def _triples(block: Node) -> list[Triple]:
    return block.triples if isinstance(block, Triples) else []


class Planner(GroupWriter):
    """Plans one query and the sub-queries in it."""

    def __init__(self, text: str, found: Analysis, base_iri: str | None, query: Select) -> None:
        super().__init__(Writing(text, frozenset()), found, base_iri, _dataset(text, query))
        self.outermost = query

    def whole(self, query: Select) -> Plan:
        """Return how a query of any form is traced. Raises QueryRefused."""
        if query.form == "SELECT":
            return self.plan(query)
        if query.group_end >= 0 or query.conditions is not None:
            raise untraceable(f"{query.form} with GROUP BY", "put it into a sub-query")
        if query.form == "CONSTRUCT" and query.where is not None:
            made = self.template(query)
            query.items = [(name, None) for name in variables_of(made) if name in possible(query.where)]
            return replace(self.plan(query), template=tuple(self._bindable(made, query)))
        return self.plan(query)

    @staticmethod
    def _bindable(made: Iterable[Pattern], query: Select) -> list[Pattern]:
        """Return the triples of a template whose variables the pattern can bind: others are never made."""
        bound = {name for name, _ in query.items}
        return [one for one in made if set(variables_of([one])) <= bound]

    def template(self, query: Select) -> tuple[Pattern, ...]:
        """Return the triples that a CONSTRUCT makes. Raises QueryRefused."""
        tree_of = read(" ".join([self.found.prologue, "SELECT *", _template(self.text, query)]))
        blocks = tree_of.where.children if tree_of.where is not None else []
        return tuple(self.pattern(triple) for block in blocks for triple in _triples(block))

    def pattern(self, triple: Triple) -> Pattern:
        """Return a triple of the template. Raises QueryRefused."""
        if isinstance(triple.path, End):
            verb = triple.path
        elif isinstance(triple.path, Link):
            verb = End("iri", triple.path.text)
        else:
            raise untraceable("a path in a template", "write its triples")
        if {"bnode", "fresh"} & {triple.subject.kind, triple.object.kind}:
            raise untraceable("a template that makes blank nodes", "give them IRIs")
        return Pattern(self.place(triple.subject), self.place(verb), self.place(triple.object))

    def plan(self, select: Select, graph: str | None = None) -> Plan:
        """Return how a SELECT, the query or one in it, is traced."""
        if select.where is None:
            raise untraceable("a query without a pattern", "write a WHERE")
        outer, self.parts = self.parts, Parts()
        try:
            return self._plan(select, select.where, graph)
        finally:
            self.parts = outer

    def _plan(self, select: Select, where: Group, graph: str | None) -> Plan:
        body = self._body(select, where, graph)
        if graph is not None:
            body = f"GRAPH {graph} {{ {body} }}"
        values = [part for part in select.children if isinstance(part, Values)]
        tail = " ".join(self.text[part.start : part.end] for part in values)
        scope = possible(where).union(*(part.names for part in values))
        grouped = select.group_end >= 0 or select.aggregates
        if grouped:
            return self._grouped(select, where, body, tail, graph)
        names = self._projected(select, scope)
        computed = {name: expression for name, expression in select.items if expression is not None}
        for expression in computed.values():
            self.expression(expression, Place(None, graph, frozenset(scope)))
        shown = dict.fromkeys([*(n for n in names if n not in computed), *self.needed(self.parts)])
        head = " ".join([f"?{name}" for name in shown if name not in computed])
        head += "".join(f" ({self._text(e)} AS ?{name})" for name, e in computed.items())
        head = head or f"(1 AS ?{self.fresh_name()})"
        return Plan(
            before=self.start(head),
            after=f"{body} }} {tail}",
            names=names,
            parts=self.parts,
            free=tuple(name for name in names if name not in computed) if not tail else (),
            distinct=select.distinct or self._reduced(select),
            sliced=select.sliced,
        )

    def _body(self, select: Select, where: Group, graph: str | None) -> str:
        """Write a SELECT's pattern; where its solutions aren't counted, its EXISTS are joined to it."""
        counted = select is self.outermost and select.form == "SELECT" and not self._merges(select)
        joined = None if counted else parted(where, self.writing.fresh)
        if joined is None:
            return self.group(where, Place(None, graph))
        rest, blocks = joined
        pieces = [self.group(rest, Place(None, graph)), *(self.block(one, None, graph) for one in blocks)]
        return " ".join(pieces)

    def _merges(self, select: Select) -> bool:
        """Whether several solutions of a SELECT become one row."""
        return select.group_end >= 0 or select.aggregates or select.distinct or self._reduced(select)

    def _grouped(self, select: Select, where: Group, body: str, tail: str, graph: str | None) -> Plan:
        keys = keys_of(self.text, select, self.fresh_name)
        for _, expression in select.items:
            if expression is not None and expression.children:
                raise untraceable("EXISTS beside aggregates", "put it into the pattern with BIND")
        if any(part.children and not self._orders(part) for part in self._clauses(select)):
            raise untraceable("EXISTS in GROUP BY or HAVING", "put it into the pattern with BIND")
        binds = "".join(f" BIND({key.expression} AS ?{key.name})" for key in keys if key.expression)
        shown = dict.fromkeys([*(key.name for key in keys), *self.needed(self.parts)])
        head = " ".join(f"?{name}" for name in shown) or f"(1 AS ?{self.fresh_name()})"
        projected = tuple(name for name, _ in select.items)
        if select.star_at >= 0:
            raise untraceable("SELECT * with GROUP BY", "name the columns")
        names = tuple(key.name for key in keys)
        if tail and binds:
            raise untraceable("VALUES behind GROUP BY of an expression", "put VALUES into the pattern")
        distinct = select.distinct or self._reduced(select)
        return Plan(
            before=self.start(head),
            after=f"{body}{binds} }} {tail}",
            names=names,
            parts=self.parts,
            distinct=distinct,
            sliced=select.sliced,
            grouped=True,
            keys=projected,
            keyed=self._keyed(select, where, keys, tail, graph),
            wide=None if distinct or select is not self.outermost else self._wide(select, keys),
        )

    def _wide(self, select: Select, keys: list[Key]) -> str | None:
        """Return the query with all its keys as columns; None where a key has no name in it."""
        shown = {name for name, _ in select.items}
        hidden = [key for key in keys if key.name not in shown]
        if not all(key.named for key in hidden):
            return None
        more = "".join(dict.fromkeys(f" ?{key.name}" for key in hidden))
        return f"{self.text[: select.head_end]}{more} {self.text[select.head_end :]}" if more else self.text

    def _keyed(self, select: Select, group: Group, keys: list[Key], tail: str, graph: str | None) -> str:
        """Return the grouped query with its keys as columns, the keys first, unordered and whole."""
        where = self.text[group.start : group.end]
        if graph is not None:
            where = f"{{ GRAPH {graph} {where} }}"
        own = {key.name for key in keys}
        items = [
            f"?{name}" if expression is None else f"({self._text(expression)} AS ?{name})"
            for name, expression in select.items
            if name not in own
        ]
        head = " ".join([*(f"?{key.name}" for key in keys), *items])
        by = " ".join(
            f"({key.expression} AS ?{key.name})" if key.expression else f"?{key.name}" for key in keys
        )
        conditions = [part for part in self._clauses(select) if self._behind(part, "HAVING")]
        having = "".join(f" HAVING {self._text(part)}" for part in conditions)
        grouping = f" GROUP BY {by}" if by else ""
        return f"{self.start(head)}{where} }}{grouping}{having} {tail}"

    @staticmethod
    def _clauses(select: Select) -> list[Expression]:
        """The conditions of GROUP BY, HAVING and ORDER BY."""
        shown = [expression for _, expression in select.items]
        return [part for part in select.children if isinstance(part, Expression) and part not in shown]

    def _behind(self, part: Expression, word: str) -> bool:
        return self.text[: part.start].rstrip().upper().endswith(word)

    def _orders(self, part: Expression) -> bool:
        return self._behind(part, "BY") and self.text[: part.start].upper().rstrip()[:-2].rstrip().endswith(
            "ORDER"
        )

    def _text(self, expression: Expression) -> str:
        return self.text[expression.start : expression.end]

    def _reduced(self, select: Select) -> bool:
        return "REDUCED" in self.text[select.start : select.start + 20].upper().split()

    @staticmethod
    def _projected(select: Select, scope: set[str]) -> tuple[str, ...]:
        return tuple(sorted(scope)) if select.star_at >= 0 else tuple(name for name, _ in select.items)

    def inner(self, select: Select, guard: Guard, graph: str | None) -> str:
        """Write a sub-query as it is; columns that may be unbound get new names."""
        if graph is not None and graph[0] in "?$":
            raise untraceable("a sub-query inside of GRAPH with a variable", "name the graph")
        plan = self.plan(select, graph)
        names = plan.keys if plan.grouped else plan.names
        sure = certain(select)
        copies = tuple(name if name in sure else self.fresh_name() for name in names)
        text = self.text[select.start : select.end]
        self.parts.inner.append(Inner(plan, names, copies, guard))
        binds = "".join(f" BIND(?{n} AS ?{c})" for n, c in zip(names, copies, strict=True) if n != c)
        return f"{{ {{ {text} }}{binds} }}"
