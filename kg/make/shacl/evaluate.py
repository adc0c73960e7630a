"""Hold data against shapes: each constraint component is one small function below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pyoxigraph as ox

from kg.languages import ORIGINAL
from kg.make.shacl.data import Data
from kg.make.shacl.paths import Path
from kg.make.shacl.shapes import Constraint, Shape
from kg.make.shacl.terms import Term
from kg.make.shacl.values import compare, valid
from kg.sparql.xpath import matches
from kg.terms import RDF, SH, XSD, pick

TEXTS = frozenset(ox.NamedNode(iri) for iri in (RDF + "langString", XSD + "string"))
"""Datatypes of which every text is a value."""


@dataclass(frozen=True)
class Violation:
    """A node that a shape doesn't allow. ``value`` is the offending value, where one is."""

    focus: Term
    path: Path | None
    value: Term | None
    component: str
    message: str
    shape: Shape

    @property
    def severity(self) -> str:
        """``error`` for sh:Violation, ``warning`` for sh:Warning, ``info`` for sh:Info."""
        return {SH + "Warning": "warning", SH + "Info": "info"}.get(self.shape.severity, "error")


@dataclass(slots=True)
class Case:
    """One constraint held against one focus node and its values."""

    data: Data
    shape: Shape
    constraint: Constraint
    focus: Term
    values: list[Term]

    @property
    def term(self) -> Term:
        """The parameter."""
        return self.constraint.terms[0]

    @property
    def number(self) -> int:
        """The parameter as a number."""
        return int(self.term.value)

    def option(self, name: str) -> tuple[Term, ...]:
        """Return the values of another parameter of the shape."""
        return self.shape.options.get(name, ())


Finding = tuple["Term | None", str]
"""The offending value, or None when it isn't one value, and what is wrong."""

Component = Callable[[Case], Iterable[Finding]]


def check(data: Data, shape: Shape, focus: Term) -> Iterator[Violation]:
    """Yield the violations of one shape at one node, those of its property shapes included."""
    values = data.values(focus, shape.path) if shape.path else [focus]
    if not values and not shape.asks_for_values:
        return
    for constraint in shape.constraints:
        if constraint.name == "property":
            for value in values:
                if _may_matter(data, constraint.shapes[0], value):
                    yield from check(data, constraint.shapes[0], value)
            continue
        component = COMPONENTS[constraint.name]
        for wrong, text in component(Case(data, shape, constraint, focus, values)):
            own = pick(shape.messages, (ORIGINAL,))
            yield Violation(focus, shape.path, wrong, constraint.name, own.value if own else text, shape)


def _may_matter(data: Data, shape: Shape, node: Term) -> bool:
    """Say whether a property shape can object to a node: most can't, as the node has no such property."""
    predicate = shape.predicate
    return shape.asks_for_values or predicate is None or predicate in data.row(node)


def _conforms(data: Data, shape: Shape, node: Term) -> bool:
    """Say whether `check` would yield nothing. Most alternatives fail, and nobody reads why."""
    values = data.values(node, shape.path) if shape.path else [node]
    if not values and not shape.asks_for_values:
        return True
    for constraint in shape.constraints:
        if constraint.name == "property":
            if not all(_conforms(data, constraint.shapes[0], value) for value in values):
                return False
        elif any(True for _ in COMPONENTS[constraint.name](Case(data, shape, constraint, node, values))):
            return False
    return True


def _each(test: Callable[[Case, Term], bool], message: Callable[[Case], str]) -> Component:
    """Make a component that tests the values one by one."""

    def component(case: Case) -> Iterable[Finding]:
        wrong = [value for value in case.values if not test(case, value)]
        return [(value, f"{_short(value)} {message(case)}") for value in wrong]

    return component


def _short(term: Term) -> str:
    text = str(term)
    return text if len(text) <= 120 else text[:117] + "..."


KINDS = {ox.NamedNode: "IRI", ox.BlankNode: "BlankNode", ox.Literal: "Literal"}


def _node_kind(case: Case, value: Term) -> bool:
    # The kinds are called so that one stands in another, as in sh:IRIOrLiteral, where it is allowed.
    return KINDS[type(value)] in case.term.value.removeprefix(SH)


def _datatype(case: Case, value: Term) -> bool:
    if not isinstance(value, ox.Literal) or value.datatype != case.term:
        return False
    return case.term in TEXTS or valid(value.value, case.term.value)


def _bound(*allowed: int) -> Callable[[Case, Term], bool]:
    return lambda case, value: compare(value, case.term) in allowed


def _text(value: Term) -> str | None:
    return None if isinstance(value, ox.BlankNode) else value.value


def _length(case: Case, value: Term) -> int:
    text = _text(value)
    if text is None:
        return -1 if case.constraint.name == "minLength" else case.number + 1
    return len(text)


def _pattern(case: Case, value: Term) -> bool:
    flags = case.option("flags")
    text = _text(value)
    return text is not None and matches(text, case.term.value, flags[0].value if flags else "")


def _language_in(case: Case, value: Term) -> bool:
    tag = (value.language or "").lower() if isinstance(value, ox.Literal) else ""
    ranges = [term.value.lower() for term in case.constraint.terms]
    return bool(tag) and in_ranges(tag, ranges)


def in_ranges(tag: str, ranges: Iterable[str]) -> bool:
    """Say whether a language tag is one of some ranges or below one; all in lower case."""
    return any(tag == one or tag.startswith(one + "-") for one in ranges)


def _min_count(case: Case) -> Iterable[Finding]:
    if len(case.values) >= case.number:
        return ()
    return [(None, f"{len(case.values)} values where there must be at least {case.number}")]


def _max_count(case: Case) -> Iterable[Finding]:
    if len(case.values) <= case.number:
        return ()
    shown = ", ".join(sorted(_short(value) for value in case.values)[:5])
    return [(None, f"{len(case.values)} values where there may be at most {case.number}: {shown}")]


def _unique_lang(case: Case) -> Iterable[Finding]:
    if len(case.values) < 2 or case.term.value not in ("true", "1"):
        return ()
    tags = Counter(v.language.lower() for v in case.values if isinstance(v, ox.Literal) and v.language)
    twice = sorted(tag for tag, count in tags.items() if count > 1)
    return [(None, f"more than one value in the language {tag}: {_texts(case, tag)}") for tag in twice]


def _texts(case: Case, tag: str) -> str:
    return ", ".join(sorted(v.value for v in case.values if isinstance(v, ox.Literal) and v.language == tag))


def _has_value(case: Case) -> Iterator[Finding]:
    if case.term not in case.values:
        yield None, f"the value {_short(case.term)} is missing"


def _others(case: Case) -> list[Term]:
    return case.data.values(case.focus, Path("predicate", case.term.value))


def _equals(case: Case) -> Iterator[Finding]:
    others = _others(case)
    for value in {*case.values} ^ {*others}:
        yield value, f"{_short(value)} is a value of one property, not of both it and {case.term}"


def _disjoint(case: Case) -> Iterator[Finding]:
    for value in {*case.values} & {*_others(case)}:
        yield value, f"{_short(value)} is also a value of {case.term}"


def _less(*allowed: int) -> Component:
    def component(case: Case) -> Iterator[Finding]:
        others = _others(case)
        for value in case.values:
            for other in others:
                if compare(value, other) not in allowed:
                    yield value, f"{_short(value)} is not before {_short(other)}, a value of {case.term}"

    return component


def _closed(case: Case) -> Iterator[Finding]:
    if case.term.value not in ("true", "1"):
        return
    paths = [s.path for c in case.shape.constraints if c.name == "property" for s in c.shapes]
    allowed = {p.predicate for p in paths if p and p.kind == "predicate"}
    allowed |= {term.value for term in case.option("ignoredProperties")}
    for value in case.values:
        for predicate, objects in case.data.row(value).items():
            if predicate not in allowed:
                for found in objects:
                    yield found, f"the property <{predicate}> is not among those that the shape allows"


def _matching(case: Case, value: Term) -> int:
    return sum(_conforms(case.data, shape, value) for shape in case.constraint.shapes)


def _qualified(case: Case) -> Iterator[Finding]:
    # qualifiedValueShapesDisjoint is refused when the shapes are read.
    count = sum(_conforms(case.data, case.constraint.shapes[0], value) for value in case.values)
    low, high = case.option("qualifiedMinCount"), case.option("qualifiedMaxCount")
    if low and count < int(low[0].value):
        yield None, f"{count} values of the kind that there must be at least {low[0].value} of"
    if high and count > int(high[0].value):
        yield None, f"{count} values of the kind that there may be at most {high[0].value} of"


COMPONENTS: Mapping[str, Component] = MappingProxyType(
    {
        "class": _each(lambda c, v: v in c.data.instances(c.term), lambda c: f"is not a {c.term}"),
        "datatype": _each(_datatype, lambda c: f"is not a literal of {c.term}"),
        "nodeKind": _each(_node_kind, lambda c: f"is not of the kind {c.term.value.removeprefix(SH)}"),
        "minCount": _min_count,
        "maxCount": _max_count,
        "minInclusive": _each(_bound(0, 1), lambda c: f"is less than {c.term.value}"),
        "minExclusive": _each(_bound(1), lambda c: f"is not more than {c.term.value}"),
        "maxInclusive": _each(_bound(-1, 0), lambda c: f"is more than {c.term.value}"),
        "maxExclusive": _each(_bound(-1), lambda c: f"is not less than {c.term.value}"),
        "minLength": _each(lambda c, v: _length(c, v) >= c.number, lambda c: f"is shorter than {c.number}"),
        "maxLength": _each(lambda c, v: _length(c, v) <= c.number, lambda c: f"is longer than {c.number}"),
        "pattern": _each(_pattern, lambda c: f"doesn't match the pattern {c.term.value}"),
        "languageIn": _each(
            _language_in,
            lambda c: "is in none of the languages " + ", ".join(t.value for t in c.constraint.terms),
        ),
        "uniqueLang": _unique_lang,
        "equals": _equals,
        "disjoint": _disjoint,
        "lessThan": _less(-1),
        "lessThanOrEquals": _less(-1, 0),
        "closed": _closed,
        "hasValue": _has_value,
        "in": _each(
            lambda c, v: v in c.constraint.terms,
            lambda c: "is not one of " + ", ".join(map(_short, c.constraint.terms)),
        ),
        "not": _each(lambda c, v: _matching(c, v) == 0, lambda _c: "is what the shape excludes"),
        "and": _each(
            lambda c, v: _matching(c, v) == len(c.constraint.shapes),
            lambda _c: "doesn't meet all that it must",
        ),
        "or": _each(lambda c, v: _matching(c, v) > 0, lambda _c: "meets none of the alternatives"),
        "xone": _each(
            lambda c, v: _matching(c, v) == 1, lambda _c: "doesn't meet exactly one of the alternatives"
        ),
        "node": _each(lambda c, v: _matching(c, v) == 1, lambda _c: "doesn't meet the shape it must"),
        "qualifiedValueShape": _qualified,
    }
)
"""Every constraint component of SHACL Core but ``property``, which `check` follows itself."""
