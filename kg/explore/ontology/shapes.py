"""SHACL shapes, read for what they say about display; validation is the build's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from kg.engine import Engine, Term
from kg.explore.ask import ask
from kg.terms import KG, OWL, RDF, RDFS, SH


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: a property, walked forward or backward."""

    iri: str
    inverse: bool = False


@dataclass(frozen=True)
class PropertyShape:
    """How a class shows one property. ``inverse`` turns the path round; ``show`` holds kg:Part local names.

    ``steps`` is the whole path, ``ways`` all of them where there are several; ``path`` is then only a key.
    ``cut`` is the local name of the ``kg:Cut`` of a facet, empty where none is said.
    ``of`` are the classes (``kg:of``) of the things that are shown, ``beside`` (``kg:beside``) what is told
    of each of them.
    """

    iri: str
    path: str
    inverse: bool = False
    steps: tuple[Step, ...] = ()
    ways: tuple[tuple[Step, ...], ...] = ()
    of: tuple[str, ...] = ()
    beside: tuple[Step, ...] = ()
    order: float = float("inf")
    group: str | None = None
    names: tuple[ox.Literal, ...] = ()
    descriptions: tuple[ox.Literal, ...] = ()
    embeds: bool = False
    facet: bool = False
    cut: str = ""
    hidden: bool = False
    required: bool = False
    single: bool = False
    show: frozenset[str] = frozenset()
    messages: tuple[ox.Literal, ...] = ()

    @property
    def direct(self) -> bool:
        """Whether the path is one property, walked forward: what an entity's page lists."""
        return not self.inverse and len(self.steps) <= 1 and len(self.ways) <= 1

    @property
    def told(self) -> bool:
        """Whether it tells things of a page's story: those that a path leads to, or with something beside."""
        if self.hidden or self.embeds:
            return False
        return bool(self.beside) or self.inverse or (not self.direct and not self.facet)


@dataclass(frozen=True)
class Group:
    """A heading over property shapes."""

    iri: str
    labels: tuple[ox.Literal, ...]
    order: float = float("inf")


@dataclass(frozen=True)
class Shapes:
    """What shapes say of display: property shapes, sentences and what is expected, by class; and the groups.

    Sentences are of ``kg:pattern``; ``kg:expects`` lists the IRIs of property shapes, by importance.
    """

    by_class: Mapping[str, tuple[PropertyShape, ...]]
    groups: Mapping[str, Group]
    patterns: Mapping[str, tuple[ox.Literal, ...]]
    expected: Mapping[str, tuple[str, ...]]


LONGEST_PATH = 16
"""Steps of a path, or members of a list, that are read."""

_Said = Mapping[str, list[Term]]


def read_shapes(engine: Engine) -> Shapes:
    """Return what the shapes say. Raises QueryError.

    Paths with repetition have no place on a page and are passed over; alternatives stand at the top alone.
    """
    said: dict[Term, dict[str, list[Term]]] = {}
    for row in ask(engine, "kg/explore/ontology/shapes"):
        said.setdefault(row["node"], {}).setdefault(_iri(row["property"]), []).append(row["value"])
    by_class: dict[str, tuple[PropertyShape, ...]] = {}
    groups: dict[str, Group] = {}
    patterns: dict[str, tuple[ox.Literal, ...]] = {}
    expected: dict[str, tuple[str, ...]] = {}
    for node, about in said.items():
        kinds = {_iri(kind) for kind in about.get(RDF + "type", ())}
        if SH + "PropertyGroup" in kinds:
            groups[_iri(node)] = Group(_iri(node), _literals(about, RDFS + "label"), _order(about))
        if SH + "NodeShape" not in kinds:
            continue
        found = [_property_shape(part, said) for part in about.get(SH + "property", ()) if part in said]
        shapes = tuple(shape for shape in found if shape is not None)
        for target in _targets(node, about, kinds):
            by_class[target] = (*by_class.get(target, ()), *shapes)
            wanted = [_members(one, said) for one in about.get(KG + "expects", ())]
            expected[target] = (*expected.get(target, ()), *(_iri(one) for own in wanted for one in own))
            patterns[target] = (*patterns.get(target, ()), *_literals(about, KG + "pattern"))
    return Shapes(by_class, groups, patterns, expected)


def _targets(node: Term, about: _Said, kinds: set[str]) -> list[str]:
    targets = [_iri(target) for target in about.get(SH + "targetClass", ())]
    # A shape that is itself a class targets its instances (SHACL §2.1.3.3).
    return targets + ([_iri(node)] if kinds & {OWL + "Class", RDFS + "Class"} else [])


def _property_shape(node: Term, said: Mapping[Term, _Said]) -> PropertyShape | None:
    about = said[node]
    ways = _ways(about, said)
    if not ways or _flag(about, SH + "deactivated"):
        return None
    groups = about.get(SH + "group", ())
    path = ways[0] if len(ways) == 1 else ()
    counts = [_number(count) for count in about.get(SH + "maxCount", ())]
    return PropertyShape(
        iri=_iri(node),
        path="|".join("/".join(step.iri for step in way) for way in ways),
        inverse=len(path) == 1 and path[0].inverse,
        steps=path,
        ways=ways,
        of=tuple(_iri(one) for one in about.get(KG + "of", ())),
        beside=tuple(step for one in about.get(KG + "beside", ()) for step in _each(one, said)),
        order=_order(about),
        group=_iri(groups[0]) if groups else None,
        names=_literals(about, SH + "name"),
        descriptions=_literals(about, SH + "description"),
        embeds=_flag(about, KG + "embeds"),
        facet=_flag(about, KG + "facet"),
        cut=next((_iri(cut).removeprefix(KG) for cut in about.get(KG + "cut", ())), ""),
        hidden=_flag(about, KG + "hidden"),
        required=any(_number(count) > 0 for count in about.get(SH + "minCount", ())),
        single=1 in counts,
        messages=_literals(about, SH + "message"),
        show=frozenset(_iri(part).removeprefix(KG) for part in about.get(KG + "show", ())),
    )


def _ways(about: _Said, said: Mapping[Term, _Said]) -> tuple[tuple[Step, ...], ...]:
    """Return the ways that a shape's path may go; none where a page can't show it."""
    for path in about.get(SH + "path", ()):
        alternatives = said.get(path, {}).get(SH + "alternativePath", ())
        paths = _members(alternatives[0], said) if alternatives else [path]
        ways = [_each(one, said) for one in paths]
        if all(ways):
            return tuple(ways)
    return ()


def _each(path: Term, said: Mapping[Term, _Said]) -> tuple[Step, ...]:
    """Return the steps of a path without alternatives, none where one can't be walked."""
    steps = [_step(node, said) for node in _members(path, said)]
    return () if None in steps else tuple(step for step in steps if step is not None)


def _step(node: Term, said: Mapping[Term, _Said]) -> Step | None:
    if isinstance(node, ox.NamedNode):
        return Step(node.value)
    inverse = said.get(node, {}).get(SH + "inversePath", ())
    return Step(inverse[0].value, True) if inverse and isinstance(inverse[0], ox.NamedNode) else None


def _members(path: Term, said: Mapping[Term, _Said]) -> list[Term]:
    """Return the steps of a sequence path, or the path itself when it is one step."""
    found: list[Term] = []
    at: Term | None = path
    while at is not None and RDF + "first" in said.get(at, {}) and len(found) < LONGEST_PATH:
        found.append(said[at][RDF + "first"][0])
        at = next(iter(said[at].get(RDF + "rest", ())), None)
    return found or [path]


def _iri(term: Term) -> str:
    return term.value if isinstance(term, ox.NamedNode) else str(term)


def _literals(about: _Said, name: str) -> tuple[ox.Literal, ...]:
    return tuple(value for value in about.get(name, ()) if isinstance(value, ox.Literal))


def _flag(about: _Said, name: str) -> bool:
    return any(literal.value in {"true", "1"} for literal in _literals(about, name))


def _number(term: Term) -> float:
    try:
        return float(term.value) if isinstance(term, ox.Literal) else float("inf")
    except ValueError:
        return float("inf")


def _order(about: _Said) -> float:
    return min((_number(order) for order in about.get(SH + "order", ())), default=float("inf"))
