"""Shapes as one function each, which says whether a node conforms, and nothing of what is wrong with it.

Nearly every node conforms, and then nobody reads messages: so this is asked first, and `evaluate` of the few
that don't. What is tested often is written out below; every other component is asked of `evaluate`'s own.
Tests hold the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyoxigraph as ox

from kg.make.shacl import evaluate
from kg.make.shacl.data import Data
from kg.make.shacl.shapes import Constraint, Shape
from kg.make.shacl.terms import Term
from kg.make.shacl.values import valid
from kg.terms import SH

Conforms = Callable[[Term], bool]
"""Says of a node whether it conforms to a shape."""

Test = Callable[[Term, Sequence[Term]], bool]
"""Says of a focus node and its values whether they meet a constraint."""


class Compiler:
    """Makes the functions of shapes over some data, which must not change; each shape's is made once."""

    def __init__(self, data: Data) -> None:
        self.data = data
        self._made: dict[int, Conforms] = {}

    def shape(self, shape: Shape) -> Conforms:
        """Return the function of a shape."""
        made = self._made.get(id(shape))
        if made is None:
            made = self._made[id(shape)] = self._shape(shape)
        return made

    def _shape(self, shape: Shape) -> Conforms:
        path = shape.path
        if path is None:
            whole = self._tests(shape)
            return lambda node: whole(node, (node,))
        meets, values = self._values(shape), self.data.values
        return lambda node: meets(node, values(node, path))

    def _values(self, shape: Shape) -> Test:
        """Return the test of the values that a property shape's path leads to."""
        met = self._tests(shape)
        if shape.asks_for_values:
            return met
        return lambda focus, values: not values or met(focus, values)

    def _tests(self, shape: Shape) -> Test:
        """Return the test of all constraints of a shape together."""
        tests = [self._test(shape, one) for one in shape.constraints if one.name != "property"]
        nested = [one.shapes[0] for one in shape.constraints if one.name == "property"]
        if nested:
            tests.append(self._properties(nested))
        if len(tests) == 1:
            return tests[0]

        def test(focus: Term, values: Sequence[Term]) -> bool:
            for one in tests:  # noqa: SIM110 - a generator for each node takes as long as the tests
                if not one(focus, values):
                    return False
            return True

        return test

    def _properties(self, shapes: Sequence[Shape]) -> Test:
        """Return the test of property shapes: most are of properties that a thing doesn't have."""
        others = [self.shape(one) for one in shapes if one.predicate is None]
        asking = [
            (one.predicate, self._tests(one)) for one in shapes if one.predicate and one.asks_for_values
        ]
        by_property: dict[str, list[Test]] = {}
        for shape in shapes:
            if shape.predicate and not shape.asks_for_values:
                by_property.setdefault(shape.predicate, []).append(self._tests(shape))
        row = self.data.row

        def meets(value: Term) -> bool:
            said = row(value)
            for predicate, its_values in said.items():
                for test in by_property.get(predicate, ()):
                    if not test(value, its_values):
                        return False
            for predicate, test in asking:
                if not test(value, said.get(predicate, ())):
                    return False
            return all(conforms(value) for conforms in others) if others else True

        return lambda _focus, values: all(map(meets, values))

    def _test(self, shape: Shape, constraint: Constraint) -> Test:
        if constraint.name == "qualifiedValueShape":
            return self._qualified(shape, constraint)
        make = _WRITTEN.get(constraint.name)
        return make(self, constraint) if make else self._any(shape, constraint)

    def _any(self, shape: Shape, constraint: Constraint) -> Test:
        """Return the test by the component that says what is wrong."""
        component, data = evaluate.COMPONENTS[constraint.name], self.data

        def test(focus: Term, values: Sequence[Term]) -> bool:
            case = evaluate.Case(data, shape, constraint, focus, list(values))
            return not any(True for _ in component(case))

        return test

    def _qualified(self, shape: Shape, constraint: Constraint) -> Test:
        """``sh:qualifiedValueShape`` with its counts."""
        conforms = self.shape(constraint.shapes[0])
        low, high = shape.options.get("qualifiedMinCount"), shape.options.get("qualifiedMaxCount")
        least, most = int(low[0].value) if low else 0, int(high[0].value) if high else None

        def test(_focus: Term, values: Sequence[Term]) -> bool:
            count = sum(map(conforms, values))
            return count >= least and (most is None or count <= most)

        return test

    def class_(self, constraint: Constraint) -> Test:
        """``sh:class``."""
        instances = self.data.instances(constraint.terms[0])
        return lambda _focus, values: instances.issuperset(values)

    def datatype(self, constraint: Constraint) -> Test:
        """``sh:datatype``."""
        wanted = constraint.terms[0]
        is_text, iri = wanted in evaluate.TEXTS, wanted.value

        def test(_focus: Term, values: Sequence[Term]) -> bool:
            for value in values:
                if not isinstance(value, ox.Literal) or value.datatype != wanted:
                    return False
                if not is_text and not valid(value.value, iri):
                    return False
            return True

        return test

    def node_kind(self, constraint: Constraint) -> Test:
        """``sh:nodeKind``."""
        name = constraint.terms[0].value.removeprefix(SH)
        allowed = {kind for kind, its_name in evaluate.KINDS.items() if its_name in name}
        return lambda _focus, values: allowed.issuperset(map(type, values))

    def min_count(self, constraint: Constraint) -> Test:
        """``sh:minCount``."""
        least = int(constraint.terms[0].value)
        return lambda _focus, values: len(values) >= least

    def max_count(self, constraint: Constraint) -> Test:
        """``sh:maxCount``."""
        most = int(constraint.terms[0].value)
        return lambda _focus, values: len(values) <= most

    def unique_lang(self, constraint: Constraint) -> Test:
        """``sh:uniqueLang``."""
        if constraint.terms[0].value not in ("true", "1"):
            return lambda _focus, _values: True

        def test(_focus: Term, values: Sequence[Term]) -> bool:
            if len(values) < 2:
                return True
            tags = [one.language.lower() for one in values if isinstance(one, ox.Literal) and one.language]
            return len(tags) == len(set(tags))

        return test

    def in_(self, constraint: Constraint) -> Test:
        """``sh:in``."""
        allowed = frozenset(constraint.terms)
        return lambda _focus, values: allowed.issuperset(values)

    def alternatives(self, constraint: Constraint) -> Test:
        """``sh:or``."""
        parts = [self.shape(one) for one in constraint.shapes]

        def test(_focus: Term, values: Sequence[Term]) -> bool:
            for value in values:
                for part in parts:
                    if part(value):
                        break
                else:
                    return False
            return True

        return test

    def language_in(self, constraint: Constraint) -> Test:
        """``sh:languageIn``."""
        ranges = [term.value.lower() for term in constraint.terms]
        told: dict[str, bool] = {}

        def test(_focus: Term, values: Sequence[Term]) -> bool:
            for value in values:
                tag = isinstance(value, ox.Literal) and value.language
                if not tag:
                    return False
                fits = told.get(tag)
                if fits is None:
                    fits = told[tag] = evaluate.in_ranges(tag.lower(), ranges)
                if not fits:
                    return False
            return True

        return test

    def all_of(self, constraint: Constraint) -> Test:
        """``sh:and`` and ``sh:node``."""
        parts = [self.shape(one) for one in constraint.shapes]
        return lambda _focus, values: all(part(value) for value in values for part in parts)

    def none_of(self, constraint: Constraint) -> Test:
        """``sh:not``."""
        parts = [self.shape(one) for one in constraint.shapes]
        return lambda _focus, values: not any(part(value) for value in values for part in parts)

    def one_of(self, constraint: Constraint) -> Test:
        """``sh:xone``."""
        parts = [self.shape(one) for one in constraint.shapes]
        return lambda _focus, values: all(sum([part(value) for part in parts]) == 1 for value in values)


_WRITTEN: dict[str, Callable[[Compiler, Constraint], Test]] = {
    "class": Compiler.class_,
    "datatype": Compiler.datatype,
    "nodeKind": Compiler.node_kind,
    "minCount": Compiler.min_count,
    "maxCount": Compiler.max_count,
    "uniqueLang": Compiler.unique_lang,
    "in": Compiler.in_,
    "languageIn": Compiler.language_in,
    "or": Compiler.alternatives,
    "and": Compiler.all_of,
    "node": Compiler.all_of,
    "not": Compiler.none_of,
    "xone": Compiler.one_of,
}
