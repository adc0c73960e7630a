"""Ranking the things that a name may stand for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from kg.explore import Explorer
from kg.reconcile import parts, score
from kg.reconcile.around import Around
from kg.reconcile.finding import Finder
from kg.reconcile.places import Places
from kg.reconcile.query import Candidate, Hint, Wanted
from kg.reconcile.values import Stated
from kg.search import Hit
from kg.search.index import Index

SURE = 90.0
"""The score from which a candidate may be taken without a look at it."""
AHEAD = 10.0
"""How far the second best must be behind."""

Found = tuple[list[Hit], bool]
"""Things that may be meant, and whether there are no others."""


class Matcher:
    """Ranks the things of a release. Keep it: it remembers what places are called. Raises QueryError."""

    def __init__(self, index: Index, explorer: Explorer) -> None:
        self.index = index
        self.explorer = explorer
        self.places = Places(index, explorer)

    def candidates(self, wanted: Wanted) -> list[Candidate]:
        """Return the candidates for what is wanted, best first."""
        return self.batch([wanted])[0]

    def batch(self, wanted: Sequence[Wanted]) -> list[list[Candidate]]:
        """Return the candidates for each, best first; the graph is asked once for all."""
        finder = Finder(self.index, self.explorer)
        found = {one: _weighed(one, *_find(finder, one)) for one in wanted}
        asked = {
            one: [each.hit for each in weighed if one.hints or not each.is_same]
            for one, weighed in found.items()
        }
        around = Around(self.places, self.explorer, asked)
        ranked = {one: _ranked(one, weighed, finder, around) for one, weighed in found.items()}
        return [ranked[one] for one in wanted]


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A candidate with the score of its names alone, and whether all candidates were found (``whole``)."""

    hit: Hit
    named: float
    whole: bool

    @property
    def is_same(self) -> bool:
        return self.named > score.ALIKE


def _weighed(one: Wanted, hits: Iterable[Hit], whole: bool) -> list[_Weighed]:
    word = score.word(one.name)
    return [_Weighed(hit, score.of_name(word, hit.thing), whole) for hit in hits]


def _find(finder: Finder, one: Wanted) -> Found:
    if score.compact(one.name):
        return finder.named(one), True
    return finder.saying(one) if one.hints else ([], True)


def _ranked(one: Wanted, weighed: Iterable[_Weighed], finder: Finder, around: Around) -> list[Candidate]:
    """Return the candidates for one name, with a score each, and say which is sure."""
    name = parts.cut(one.name)
    found = []
    for each in weighed:
        hit = each.hit
        agree = [_agrees(around.stated(hit, one, hint.property), hint) for hint in one.hints]
        named = each.named
        if not each.is_same and (words := around.names_in(name.text, hit, one)):
            named = max(named, _within(name, hit, words))
        total = score.with_hints(named, agree) if name.text else 100 * sum(agree) / len(agree)
        if not finder.is_any(hit, one.classes, every=one.strict == "all"):
            total *= score.OTHER_TYPE
        candidate = Candidate(hit.thing, hit.place, round(total, 1), round(named, 1))
        found.append((candidate, 0.0 in agree or not each.whole))
    found.sort(key=lambda pair: (-pair[0].score, -pair[0].thing.written, pair[0].thing.iri))
    return _decided(found)[: one.limit]


def _within(name: parts.Cut, hit: Hit, around: Collection[str]) -> float:
    """Return how alike the thing's name is to the rest of the given name, without the places around it."""
    rests = parts.rests(name, around)
    best = max((score.of_name(score.word(rest), hit.thing) for rest in rests), default=0.0)
    return min(score.ALIAS, best)


def _agrees(said: Sequence[Stated], hint: Hint) -> float:
    """Return 1 where a hint agrees with what is said, 0 where it doesn't, 0.5 where nothing is said."""
    return float(any(one.has(value) for one in said for value in hint.values)) if any(said) else 0.5


def _decided(found: Sequence[tuple[Candidate, bool]]) -> list[Candidate]:
    """Mark the best as a match where it is sure, well ahead, and nothing speaks against it."""
    ranked = [one for one, _ in found]
    if not ranked:
        return []
    best, against = found[0]
    behind = ranked[1].score if len(ranked) > 1 else 0.0
    sure = best.score >= SURE and best.score - behind >= AHEAD and not against
    return [replace(best, match=sure), *ranked[1:]]
