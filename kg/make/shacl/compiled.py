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
from kg.make.shacl.shapes import Constraint, Shape, Term
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
        tests = [self._test(shape, one) for one in shape.constraints if one.name != "property"]
        nested = [one.shapes[0] for one in shape.constraints if one.name == "property"]
        if nested:
            tests.append(self._properties(nested))
        data, path, asks = self.data, shape.path, shape.asks_for_values
        if path is None:

            def node_conforms(node: Term) -> bool:
                values = (node,)
                return all(test(node, values) for test in tests)

            return node_conforms

        def values_conform(node: Term) -> bool:
            values = data.values(node, path)
            if not values and not asks:
                return True
            return all(test(node, values) for test in tests)

        return values_conform

    def _properties(self, shapes: Sequence[Shape]) -> Test:
        """Return the test of property shapes: most are of properties that a thing doesn't have."""
        always, by_property = [], dict[str, list[Conforms]]()
        for shape in shapes:
            conforms = self.shape(shape)
            if shape.asks_for_values or shape.predicate is None:
                always.append(conforms)
            else:
                by_property.setdefault(shape.predicate, []).append(conforms)
        row = self.data.row

        def test(_focus: Term, values: Sequence[Term]) -> bool:
            for value in values:
                for predicate in [one for one in row(value) if one in by_property]:
                    for conforms in by_property[predicate]:
                        if not conforms(value):
                            return False
                for conforms in always:
                    if not conforms(value):
                        return False
            return True

        return test

    def _test(self, shape: Shape, constraint: Constraint) -> Test:
        make = _WRITTEN.get(constraint.name)
        return make(self, constraint) if make else self._any(shape, constraint)

    def _any(self, shape: Shape, constraint: Constraint) -> Test:
        """Return the test by the component that says what is wrong."""
        component, data = evaluate.COMPONENTS[constraint.name], self.data

        def test(focus: Term, values: Sequence[Term]) -> bool:
            case = evaluate.Case(data, shape, constraint, focus, list(values))
            return not any(True for _ in component(case))

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
        return lambda _focus, values: all(any(part(value) for part in parts) for value in values)

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
    "or": Compiler.alternatives,
    "and": Compiler.all_of,
    "node": Compiler.all_of,
    "not": Compiler.none_of,
    "xone": Compiler.one_of,
}
