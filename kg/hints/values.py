"""Hints that need the values that patterns match: types that differ, errors, values that aren't text."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from itertools import islice

import pyoxigraph as ox

from kg.engine import Result, Term
from kg.hints.known import Known, Probe, family
from kg.hints.query import Asked, Comparison, comparisons, condition, variables
from kg.hints.texts import tagged_alike
from kg.sparql.explaining.hints import Hint, hint
from kg.sparql.reading.calls import calls
from kg.sparql.reading.paths import written
from kg.sparql.reading.syntax import End, Expression, Filter, Link, Triple, Triples
from kg.sparql.rewriting.edits import Edit
from kg.terms import RDF, XSD

MOST = 3
"""How many filters and how many objects of a query are looked at."""
_SAMPLE = 30
_TEXT, _TAGGED = XSD + "string", RDF + "langString"

Found = Generator[Probe, Result | None, list[Hint]]


# Filters


def filters(asked: Asked, known: Known) -> Found:
    """Return a hint on a FILTER that drops all solutions because it can't be true for any of them."""
    parts = [part for part in asked.needed() if isinstance(part, Filter) and condition(part) is not None]
    for part in islice(parts, MOST):
        found = yield from _error(part, asked, known)
        if not found:
            found = yield from _unlike(part, asked, known)
        if found:
            return found
    return []


def _error(part: Filter, asked: Asked, known: Known) -> Found:
    """Look for a solution for which the FILTER raises an error."""
    expression = condition(part)
    names = variables(expression) if expression is not None else []
    if expression is None or not names:
        return []
    text = asked.source(expression)
    fails = Edit(part.start, part.end, f"FILTER(!COALESCE(({text}) || !({text}), false))")
    result = yield Probe(asked.instead(" ".join(names), [fails]))
    if not result or not result.rows:
        return []
    values = dict(zip(names, result.rows[0], strict=True))
    unbound = [name for name in names if values[name] is None]
    for one in comparisons(expression):
        if not unbound and (told := _compared(one, values, asked, known)) is not None:
            return [told]
    shown = (f"{name} = {known.shown(term)}" for name, term in values.items() if term is not None)
    told_values = ", ".join([*(f"!BOUND({name})" for name in unbound), *shown])
    return [hint("filter-error", filter=_shortened(f"FILTER{_bracketed(text)}"), values=told_values)]


def _unlike(part: Filter, asked: Asked, known: Known) -> Found:
    """Look whether a variable that must equal a constant holds nothing of the constant's type."""
    expression = condition(part)
    for one in comparisons(expression) if expression is not None else ():
        variable, constant = (one.one, one.other) if one.one[0] in "?$" else (one.other, one.one)
        term = asked.term(constant)
        if one.sign != "=" or term is None:
            continue
        dropped = Edit(part.start, part.end, "")
        result = yield Probe(asked.instead(variable, [dropped], _SAMPLE))
        sample = _sample(result)
        if sample and all(family(value) != family(term) for value in sample):
            return [_unlike_hint(variable, sample[0], constant, term, known)]
    return []


def _compared(one: Comparison, values: dict[str, Term | None], asked: Asked, known: Known) -> Hint | None:
    def value(text: str) -> Term | None:
        return values.get(f"?{text[1:]}") if text[0] in "?$" else asked.term(text)

    first, second = value(one.one), value(one.other)
    if first is None or second is None or family(first) == family(second):
        return None
    if one.one[0] in "?$":
        return _unlike_hint(one.one, first, one.other, second, known)
    return _unlike_hint(one.other, second, one.one, first, known)


def _unlike_hint(variable: str, example: Term, constant: str, term: Term, known: Known) -> Hint:
    if family(example) == _TAGGED and family(term) == _TEXT:
        return hint("untagged", text=constant, meant=f"STR({variable}) = {constant}")
    return hint(
        "unlike-types",
        variable=variable,
        example=known.shown(example),
        type=known.type(example),
        constant=constant,
        other=known.type(term),
    )


def _sample(result: Result | None) -> list[Term]:
    return [row[0] for row in result.rows if row[0] is not None] if result else []


def _bracketed(text: str) -> str:
    return text if text.startswith("(") else f" {text}"


def _shortened(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= 120 else f"{plain[:119]}…"


# Objects


def objects(asked: Asked, known: Known) -> Found:
    """Return a hint on an object that a property never leads to, by its type or for want of a tag."""
    for triple in islice(_literal_objects(asked), MOST):
        predicate, text = _predicate(triple), triple.object.text
        term = asked.term(text)
        if predicate is None or not isinstance(term, ox.Literal):
            continue
        there = yield Probe(asked.alone("?subject", f"?subject {predicate} {text}"))
        if there is None or there.rows:
            continue
        if family(term) == _TEXT:
            meant = yield from tagged_alike(term, predicate, asked, known)
            if meant is not None:
                return [hint("untagged", text=text, meant=meant)]
        if predicate.startswith("?"):
            continue
        sample = _sample((yield Probe(asked.alone("?value", f"?subject {predicate} ?value", _SAMPLE))))
        if sample and all(family(value) != family(term) for value in sample):
            return [_object_hint(predicate, sample[0], text, term, known)]
    return []


def _literal_objects(asked: Asked) -> Iterator[Triple]:
    for part in asked.needed():
        if isinstance(part, Triples):
            yield from (triple for triple in part.triples if triple.object.kind == "literal")


def _predicate(triple: Triple) -> str | None:
    """Return what leads to the object, as a probe writes it; None for a path of several steps."""
    if isinstance(triple.path, End):
        return "?property"
    return written(triple.path) if isinstance(triple.path, Link) else None


def _object_hint(predicate: str, example: Term, text: str, term: Term, known: Known) -> Hint:
    if family(example) == _TAGGED and family(term) == _TEXT and isinstance(example, ox.Literal):
        return hint("untagged", text=text, meant=f"{text}@{example.language}")
    return hint(
        "unlike-object",
        property=predicate,
        example=known.shown(example),
        type=known.type(example),
        constant=text,
        other=known.type(term),
    )


# Aggregates


def concatenated(asked: Asked, known: Known, lacking: Sequence[str]) -> Found:
    """Return a hint on GROUP_CONCAT where its column is unbound because it was given what isn't text."""
    for name, expression in asked.query.items:
        if expression is None or name not in lacking:
            continue
        for variable in _joined(expression):
            other = f"FILTER(BOUND({variable}) && DATATYPE({variable}) NOT IN (<{_TEXT}>, <{_TAGGED}>))"
            iri = f"FILTER(BOUND({variable}) && !isLITERAL({variable}))"
            for test in (other, iri):
                end = asked.query.where.end - 1 if asked.query.where is not None else 0
                result = yield Probe(asked.instead(variable, [Edit(end, end, f" {test} ")]))
                for example in _sample(result):
                    kind = known.type(example)
                    shown = known.shown(example)
                    return [hint("group-concat", variable=variable, example=shown, type=kind)]
    return []


def _joined(expression: Expression) -> Iterator[str]:
    """Yield the variables that a GROUP_CONCAT joins as they are."""
    for call in calls(expression.tokens):
        if call.word == "GROUP_CONCAT":
            tokens = [token for token in call.arguments[0] if token.text.upper() != "DISTINCT"]
            if tokens and tokens[0].kind == "var" and (len(tokens) == 1 or tokens[1].text == ";"):
                yield f"?{tokens[0].text[1:]}"
