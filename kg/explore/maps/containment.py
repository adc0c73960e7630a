"""What contains what, as far as it was asked for: each thing's parents, up to the outermost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kg.engine import Engine
from kg.explore.ask import ask, batches, nodes
from kg.explore.nearest import STEPS_UP, nearest
from kg.explore.ontology.schema import Schema, str_of


class Containment:
    """What contains the things of a release, by the relations of their breadcrumbs; each is asked for once.

    ``parents`` has what contains a thing at once, ``up`` the innermost of those.
    """

    def __init__(self, schema: Schema, engine: Engine) -> None:
        self.schema = schema
        self.engine = engine
        self.parents: dict[str, tuple[str, ...]] = {}
        self.up: dict[str, str | None] = {}

    def chains(self, iris: Iterable[str]) -> dict[str, list[str]]:
        """Return for each thing what contains it, the outermost first, and itself. Raises QueryError."""
        iris = list(iris)
        self._climb(iris)
        chains = {}
        for iri in iris:
            chain, at = [iri], self.up.get(iri)
            while at and at not in chain and len(chain) <= STEPS_UP:
                chain.append(at)
                at = self.up.get(at)
            chains[iri] = chain[::-1]
        return chains

    def _climb(self, iris: Iterable[str]) -> None:
        """Learn the parents of some things, and of those, up to the top; of several the innermost counts."""
        links = nodes(self.schema.playing("Breadcrumb"))
        learned: list[str] = []
        for _step in range(STEPS_UP if links else 0):
            wanted = [node for node in nodes(iris) if node.value not in self.parents]
            if not wanted:
                break
            self.parents.update(dict.fromkeys((node.value for node in wanted), ()))
            for batch in batches(wanted):
                rows = ask(self.engine, "kg/explore/maps/parents", entity=list(batch), property=links)
                for iri, above in sorted((str_of(row["entity"]), str_of(row["parent"])) for row in rows):
                    self.parents[iri] += (above,)
            learned += [node.value for node in wanted]
            iris = [up for node in wanted for up in self.parents[node.value]]
        self.up.update((iri, self._innermost(self.parents[iri])) for iri in learned)

    def _innermost(self, parents: Sequence[str]) -> str | None:
        """Return the nearest of some parents; None of none."""
        if len(parents) < 2:
            return next(iter(parents), None)
        return nearest(parents, {parent: self.containing(parent) for parent in parents})

    def containing(self, iri: str) -> set[str]:
        """Return all that contains a thing, as far as it was learned."""
        found: set[str] = set()
        todo = list(self.parents.get(iri, ()))
        while todo:
            above = todo.pop()
            if above not in found:
                found.add(above)
                todo += self.parents.get(above, ())
        return found


def common(chains: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Return how all chains begin."""
    found: list[str] = []
    for level in zip(*chains, strict=False):
        if len(set(level)) > 1:
            break
        found.append(level[0])
    return tuple(found)
