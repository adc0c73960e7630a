"""Following inferred statements down to what they were inferred from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg.errors import QueryRefused
from kg.tracing.following.cells import Cell, CellRow, cell_of
from kg.tracing.following.run import BATCH, Traced, Tracer, Untraced, renumbered
from kg.tracing.following.solutions import Table
from kg.tracing.following.statements import Told
from kg.tracing.planning.rules import Rule, RulePlan, Rules
from kg.tracing.planning.traced import Exists, Pattern, Place, TracedRow, Way

MOST_FOLLOWED = 2_000
"""Inferred statements of one answer that are followed."""


@dataclass(frozen=True)
class Derivation:
    """What a statement was inferred from: the ``graph`` of the rule, and ways, as a row has them.

    Without ways it isn't known what it was inferred from.
    """

    graph: str
    ways: tuple[Way, ...]


class Derivations:
    """Follows the statements of one answer; those that they were inferred from are numbered with them."""

    def __init__(self, rules: Rules, tracer: Tracer) -> None:
        self.rules = rules
        self.tracer = tracer
        self.told = Told()
        self.found: dict[int, list[Derivation]] = {}
        self.left: set[int] = set()

    def follow(self) -> None:
        """Follow all statements that have numbers, and those that are met on the way, to the sources."""
        since = 0
        while since < len(self.tracer.statements):
            self._hold()
            before, since = since, len(self.told)
            for rule, graph, numbers in self._inferred(before, since):
                room = max(MOST_FOLLOWED - len(self.found), 0)
                self.left |= set(numbers[room:])
                self._follow(rule, graph, numbers[:room])
        for number, ways in self.found.items():
            self.found[number] = [self._founded(one) for one in ways]

    def _hold(self) -> None:
        """Take note of the graphs of all statements met so far."""
        self.told.extend(self.tracer.statements.told(len(self.told)))

    def _inferred(self, start: int, end: int) -> list[tuple[Rule, str, list[int]]]:
        """Return those of some statements that rules inferred, by rule."""
        groups: dict[str, tuple[Rule, list[int]]] = {}
        for number in range(start, end):
            for graph in self.told.held[number]:
                if (rule := self.rules.of(graph)) is not None:
                    groups.setdefault(graph, (rule, []))[1].append(number)
        return [(rule, graph, numbers) for graph, (rule, numbers) in sorted(groups.items())]

    def _follow(self, rule: Rule, graph: str, numbers: Sequence[int]) -> None:
        wanted: dict[CellRow, list[Way]] = {self._spo(number): [] for number in numbers}
        try:
            plan = rule.plan
            for template in plan.template:
                for spo, way in self._made(rule, plan, template, list(wanted)):
                    wanted[spo].append(way)
        except (QueryRefused, Untraced):
            wanted = {}
        for number in numbers:
            ways = dict.fromkeys(wanted.get(self._spo(number), ()))
            self.found.setdefault(number, []).append(Derivation(graph, tuple(ways)))

    def _spo(self, number: int) -> CellRow:
        """Return what a statement says."""
        return self.told.keys[number][:3]

    def _made(
        self, rule: Rule, plan: RulePlan, template: Pattern, wanted: Sequence[CellRow]
    ) -> Iterator[tuple[CellRow, Way]]:
        """Yield the ways in which a triple of the template makes some of the wanted statements."""
        places = (template.subject, template.predicate, template.object)
        fitting = {spo: dict(zip(places, spo, strict=True)) for spo in wanted if _fits(places, spo)}
        given = sorted({p for p in places if isinstance(p, str)} & plan.free)
        rows = list(dict.fromkeys(tuple(bound[name] for name in given) for bound in fitting.values()))
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            result = self.tracer.rows_given(plan.plan.before, given, batch, plan.plan.after)
            shared = [name for one in plan.forbidden for name in one.shared]
            names = list(dict.fromkeys([*plan.plan.names, *shared]))
            table = self.tracer.solved(plan.plan, result, names)
            forbidden = [(one, self.tracer.witnesses(one, result)) for one in plan.forbidden]
            self._hold()
            for row, entries in table.items():
                bound = dict(zip(names, row, strict=True))
                spo = tuple(bound[p] if isinstance(p, str) else cell_of(p) for p in places)
                if spo in fitting and not self._was_forbidden(rule, bound, forbidden):
                    for way in (way for entry in entries for way in entry.ways):
                        yield spo, way

    def _was_forbidden(
        self, rule: Rule, bound: dict[str, Cell], forbidden: Sequence[tuple[Exists, Table]]
    ) -> bool:
        """Whether the data held what a rule forbids when the rule ran."""
        for one, table in forbidden:
            entries = table.get(tuple(bound[name] for name in one.shared), ())
            if any(self._before(rule, way) for entry in entries for way in entry.ways):
                return True
        return False

    def _before(self, rule: Rule, way: Way) -> bool:
        """Whether all of a way was there when a rule ran."""
        return all(any(self.rules.before(rule, g) for g in self.told.held[number]) for number in way)

    def _founded(self, derivation: Derivation) -> Derivation:
        """Return a derivation with the ways that rest on what was there before its rule."""
        rule = self.rules.of(derivation.graph)
        assert rule is not None  # noqa: S101 - the derivation was found by its rule
        ways = tuple(way for way in derivation.ways if self._before(rule, way))
        return Derivation(derivation.graph, ways)


def _fits(places: Sequence[Place], spo: CellRow) -> bool:
    """Whether a triple of a template may have made a statement."""
    bound: dict[Place, Cell] = {}
    for place, cell in zip(places, spo, strict=True):
        wanted = cell if isinstance(place, str) else cell_of(place)
        if bound.setdefault(place, cell) != cell or wanted != cell:
            return False
    return True


def derive(traced: Traced, rules: Rules, tracer: Tracer) -> dict[int, tuple[Derivation, ...]]:
    """Follow what rules inferred of an answer's statements.

    Statements met on the way are added to the answer's; those that no row rests on are removed. Rows that
    rest on an inference that couldn't be followed say so.
    """
    following = Derivations(rules, tracer)
    following.follow()
    _tell_lacking(traced.sources, following)
    kept: dict[int, int] = {}
    queue = [number for row in traced.sources for number in sorted(row.statements)]
    for number in queue:  # it grows in this loop
        if number not in kept:
            kept[number] = len(kept)
            queue += [n for one in following.found.get(number, ()) for way in one.ways for n in sorted(way)]
    for row in traced.sources:
        row.ways = [renumbered(way, kept) for way in row.ways]
        row.others = renumbered(row.others, kept)
    traced.statements = following.told.picked(kept)
    return {
        kept[number]: tuple(
            Derivation(one.graph, tuple(renumbered(way, kept) for way in one.ways)) for one in derivations
        )
        for number, derivations in following.found.items()
        if number in kept
    }


def _tell_lacking(rows: Sequence[TracedRow], following: Derivations) -> None:
    """Note on each row whether all its inferred statements were followed."""
    lost = {n for n, found in following.found.items() if not all(one.ways for one in found)}
    lost |= following.left
    for row in rows:
        seen, queue = set(row.statements), list(row.statements)
        while queue and row.lacking is None:
            number = queue.pop()
            if number in lost:
                row.lacking = "not all that was inferred is followed to what it was inferred from"
            more = {n for one in following.found.get(number, ()) for way in one.ways for n in way} - seen
            seen |= more
            queue += more
