"""Rank the things that a name may stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.explore import Explorer
from kg.explore.ask import ask, nodes
from kg.reconcile import score
from kg.search import Hit, Index, Thing

SURE = 90.0
"""The score from which a candidate may be taken without a look at it."""
AHEAD = 10.0
"""How far the second best must be behind."""
LOOKED_AT = 25
"""Hits of the search that are compared."""
TRIES = 12
"""Parts of a long name that are looked for when the whole isn't found."""
SHORTEST = 2
"""Characters of such a part."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What else a row says: a property (IRI) and its value, a name or an IRI."""

    property: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: a name, of which classes (IRIs; any where empty), with which hints, how many."""

    name: str
    classes: tuple[str, ...] = ()
    hints: tuple[Hint, ...] = ()
    limit: int = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A thing that may be meant: its score from 0 to 100, and whether it is sure enough to be taken."""

    thing: Thing
    place: tuple[Thing, ...]
    score: float
    by_name: float
    match: bool = False


class Matcher:
    """Ranks the things of a release. Raises QueryError."""

    def __init__(self, index: Index, explorer: Explorer) -> None:
        self.index = index
        self.explorer = explorer

    def candidates(self, wanted: Wanted) -> list[Candidate]:
        """Return the things that a name may stand for, best first."""
        word = score.compact(wanted.name)
        if not word:
            return []
        hits = self._hits(wanted.name, wanted.classes)
        stated = self._stated([hit.thing.iri for hit in hits], wanted.hints)
        found = []
        for hit in hits:
            named = self._by_name(word, hit)
            agree = [self._agrees(hit, hint, stated) for hint in wanted.hints]
            total = round(score.with_hints(named, agree), 1)
            found.append((Candidate(hit.thing, hit.place, total, round(named, 1)), 0.0 in agree))
        found.sort(key=lambda one: (-one[0].score, -one[0].thing.written, one[0].thing.iri))
        return _decided(found)[: wanted.limit]

    def _hits(self, name: str, classes: tuple[str, ...]) -> list[Hit]:
        """Return what the search finds for a name; of a longer one than any, for its parts."""
        found = self.index.find(name, classes=classes, limit=LOOKED_AT)
        hits = [*found.hits, *found.close]
        if not any(hit.match == "exact" for hit in hits):
            hits += self._in_parts(name, classes)
        return list({hit.thing.iri: hit for hit in reversed(hits)}.values())[::-1]

    def _in_parts(self, name: str, classes: tuple[str, ...]) -> list[Hit]:
        """Return what ends or begins a name that says more than a thing's own, such as where it lies."""
        text = name.strip()
        step = max(1, len(text) // TRIES)
        tails = [text[at:] for at in range(step, len(text) - SHORTEST + 1, step)]
        heads = [text[:-at] for at in range(step, len(text) - SHORTEST + 1, step)]
        for parts in (tails, heads):
            for part in parts[:TRIES]:
                hits = self.index.find(part, classes=classes, limit=LOOKED_AT).hits
                if exact := [hit for hit in hits if hit.match == "exact"]:
                    return exact
        return []

    def _by_name(self, word: str, hit: Hit) -> float:
        """Return the score of the name alone; what it says of the place before it counts for the thing."""
        best = score.of_name(word, hit.thing)
        if best >= score.ALIKE:
            return best
        for name in (score.compact(one.value) for one in hit.thing.names):
            if name and len(name) >= SHORTEST and word.endswith(name):
                rest = word.removesuffix(name)
                around = {score.compact(one.value) for whole in hit.place for one in whole.names}
                if _made_of(rest, around):
                    return score.ALIAS
        return best

    def _stated(self, iris: Sequence[str], hints: Iterable[Hint]) -> Mapping[tuple[str, str], set[str]]:
        """Return what is said of each thing by the hints' properties: IRIs, and names and texts compacted."""
        properties = nodes(hint.property for hint in hints)
        said: dict[tuple[str, str], set[str]] = {}
        if not properties or not iris:
            return said
        rows = list(ask(self.explorer.library.engine, "values-of", thing=nodes(iris), property=properties))
        self.explorer.names.fetch(
            row["value"].value for row in rows if isinstance(row["value"], ox.NamedNode)
        )
        for row in rows:
            thing, one, value = row["thing"], row["property"], row["value"]
            if isinstance(thing, ox.NamedNode) and isinstance(one, ox.NamedNode):
                said.setdefault((thing.value, one.value), set()).update(self._ways(value))
        return said

    def _ways(self, value: object) -> set[str]:
        if isinstance(value, ox.NamedNode):
            labels = self.explorer.names.label_literals(value.value)
            return {value.value, *(score.compact(label.value) for label in labels)}
        return {score.compact(value.value)} if isinstance(value, ox.Literal) else set()

    def _agrees(self, hit: Hit, hint: Hint, stated: Mapping[tuple[str, str], set[str]]) -> float:
        """Return 1 where a hint agrees with what is said, 0 where it doesn't, 0.5 where nothing is said."""
        said = set(stated.get((hit.thing.iri, hint.property), ()))
        if hint.property in self.explorer.schema.playing("Breadcrumb"):
            for whole in hit.place:  # a district is meant as well where a part of it is stated
                said |= {whole.iri, *(score.compact(name.value) for name in whole.names)}
        if not said:
            return 0.5
        return float(any(value in said or score.compact(value) in said for value in hint.values))


def _made_of(text: str, names: set[str]) -> bool:
    """Say whether a text is nothing but some names, one behind the other."""
    if not text:
        return True
    return any(name and text.startswith(name) and _made_of(text[len(name) :], names) for name in names)


def _decided(found: list[tuple[Candidate, bool]]) -> list[Candidate]:
    """Mark the best as a match where it is sure, well ahead, and no hint speaks against it."""
    ranked = [one for one, _ in found]
    if not ranked:
        return []
    best, against = found[0]
    behind = ranked[1].score if len(ranked) > 1 else 0.0
    sure = best.score >= SURE and best.score - behind >= AHEAD and not against
    first = Candidate(best.thing, best.place, best.score, best.by_name, sure)
    return [first, *ranked[1:]]
