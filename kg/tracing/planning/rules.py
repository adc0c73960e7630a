"""From what a rule inferred to what it inferred it from.

A rule is a CONSTRUCT over the merge as it was before (`kg.make.adding.infer`); rules run in the order of
their names. So the rule's pattern is asked again, with the values that the statement has in the template. A
solution counts only if it rests on graphs that were there before the rule: sources, and earlier rules. What
NOT EXISTS and MINUS forbid may be there by now; it matters only if it was there before the rule. So each way
leads to strictly earlier rules, and in the end to what passages state.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kg.sparql.checking.analysis import analyse
from kg.sparql.checking.findings import Analysis
from kg.sparql.reading.scope import possible
from kg.sparql.reading.syntax import Bind, Expression, Filter, Group, Node, Select
from kg.sparql.rewriting.edits import walk
from kg.tracing.planning.groups import Place
from kg.tracing.planning.plan import DEEPEST, Planner, read, variables_of
from kg.tracing.planning.traced import Exists, Pattern, Plan, untraceable


@dataclass(frozen=True)
class RulePlan:
    """How a rule's statements are traced.

    ``template`` are the triples that it makes; ``plan`` carries what they rest on; ``free`` are variables
    that values may be given to; ``forbidden`` are groups of NOT EXISTS and MINUS.
    """

    template: tuple[Pattern, ...]
    plan: Plan
    free: frozenset[str]
    forbidden: tuple[Exists, ...]


@dataclass(frozen=True)
class Rule:
    """A rule: its ``name`` (which orders it) and its text, with the prefixes that it may use undeclared."""

    name: str
    text: str

    @cached_property
    def plan(self) -> RulePlan:
        """How its statements are traced. Raises QueryRefused."""
        return _RulePlanner.of(self.text)


class Rules:
    """The rules of a release, in the order in which they ran."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(sorted(rules, key=lambda rule: rule.name))
        self._order = {rule.name: at for at, rule in enumerate(self.rules)}

    @classmethod
    def read(cls, folder: Path | None) -> Rules:
        """Read the rules of a release's folder; none where it has none."""
        if folder is None or not folder.is_dir():
            return cls(())
        files = sorted(folder.glob("*.rq"))
        return cls(Rule(path.stem, path.read_text(encoding="utf-8")) for path in files)

    def of(self, graph: str) -> Rule | None:
        """Return the rule that a graph's statements come from; None for all other graphs."""
        place, _, name = graph.rpartition("/")
        if name in self._order and place.endswith(("/inferred", "/derived")):
            return self.rules[self._order[name]]
        return None

    def before(self, rule: Rule, graph: str) -> bool:
        """Whether a graph was there before a rule ran."""
        other = self.of(graph)
        return other is None or self._order[other.name] < self._order[rule.name]


class _RulePlanner(Planner):
    """Plans a rule: as a query of its pattern, without what it forbids."""

    def __init__(self, text: str, found: Analysis, query: Select) -> None:
        super().__init__(text, found, None, query)
        self.forbidden: list[Exists] = []

    @classmethod
    def of(cls, text: str) -> RulePlan:
        """Return how a rule is traced. Raises QueryRefused."""
        found = analyse(text, DEEPEST)
        query = read(text)
        if query.where is None:
            raise untraceable("a rule without a pattern", "write a WHERE")
        planner = cls(text, found, query)
        made = planner.template(query)
        names = variables_of(made)
        body = planner.group(query.where, Place())
        shown = dict.fromkeys([*names, *planner.needed(planner.parts)])
        shown |= dict.fromkeys(name for one in planner.forbidden for name in one.shared)
        head = " ".join(f"?{name}" for name in shown)
        plan = Plan(planner.start(head), f"{body} }}", names, planner.parts)
        return RulePlan(made, plan, frozenset(names) - _computed(query.where), tuple(planner.forbidden))

    def minus(self, part: Node, place: Place) -> str:
        """Leave MINUS out, and record what it forbids if it shares a variable with the rest."""
        self._forbid(part.children[0], place, possible(part.children[0]) & place.scope)
        return ""

    def computed(self, part: Node, place: Place) -> str:
        """Leave NOT EXISTS out, and record what it forbids."""
        condition = part.children[0]
        words = [t.text.upper() for t in condition.tokens] if isinstance(condition, Expression) else []
        if isinstance(part, Filter) and words == ["NOT", "EXISTS"]:
            self._forbid(condition.children[0], place, self.mentioned(condition.children[0], place))
            return ""
        return super().computed(part, place)

    def _forbid(self, group: Node, place: Place, shared: Set[str]) -> None:
        if shared:
            plan = self.of_exists(group, tuple(sorted(shared)), place.graph)
            self.forbidden.append(Exists(plan, plan.names, self.source(group), False, place.guard))


def _computed(where: Group) -> set[str]:
    """Return the variables that VALUES can't bind from outside."""
    found: set[str] = set()
    for node in walk(where):
        if isinstance(node, Bind):
            found.add(node.name)
        elif isinstance(node, Select):
            found |= possible(node)
    return found
