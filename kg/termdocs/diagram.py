"""A module as a drawing: its classes at the left, what its properties lead to at the right, arrows between.

Three columns and gentle curves, so that no label ever lies on another, however the ontology grows. Colours
and fonts are left to the page: each part has a class of its own.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.termdocs.vocabulary import Module, Vocabulary, said

BOX, PITCH, ROW, INDENT, SIZE, TIP = 26, 34, 24, 16, 12.5, 7
SPAN = 110
"""How wide the bands are in which the curves run."""
MOST = 2
"""More classes of other modules than these are summed up in one box."""


@dataclass(frozen=True, slots=True)
class Box:
    """A class, several, or a datatype, at its place. ``y`` is its middle."""

    x: float
    y: float
    width: float
    label: str
    kind: str
    anchor: str | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes and the curves between them."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    curves: tuple[tuple[str, str], ...]
    """The path and the kind of each: from, to, or tree."""


def width_of(text: str) -> float:
    """Estimate how wide a text is drawn."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return wide * SIZE + (len(text) - wide) * SIZE * 0.56


class _Column:
    """Boxes below each other within a height, each as near as can be to where its curves would have it."""

    def __init__(self, keys: Sequence[str], wanted: Mapping[str, Sequence[float]], height: float) -> None:
        self.y: dict[str, float] = {}
        last = -PITCH / 2
        for key in keys:
            rows = wanted.get(key, ())
            last = max(last + PITCH, sum(rows) / len(rows) if rows else 0.0)
            self.y[key] = last
        ceiling = height + PITCH / 2
        for key in reversed(keys):
            self.y[key] = ceiling = min(self.y[key], ceiling - PITCH)


class _Plan:
    """Which boxes a module's drawing has, and which properties run between them."""

    def __init__(
        self, vocabulary: Vocabulary, module: Module, language: str, words: Mapping[str, str]
    ) -> None:
        self.vocabulary, self.language, self.words = vocabulary, language, words
        self.terms = vocabulary.terms
        self.own = {term.iri: term for term in module.classes if "retired" not in term.traits}
        self.summed: dict[str, set[str]] = {}
        self.depth: dict[str, int] = {}
        self.left = self._tree()
        live = [term for term in module.properties if "retired" not in term.traits]
        self.starts = {term.iri: self._side(term.domains, "start") for term in live}
        self.ends = {term.iri: self._side(term.ranges, "end") for term in live}
        strangers = {key for keys in self.starts.values() for key in keys} - set(self.left)
        self.left += sorted(strangers, key=lambda key: (key in self.summed, self.label(key)[0]))
        order = {key: place for place, key in enumerate(self.left)}
        self.properties = sorted(
            live,
            key=lambda term: (
                sum(order[k] for k in self.starts[term.iri]) / len(self.starts[term.iri]),
                self.ends[term.iri],
                term.name,
            ),
        )
        rows = {term.iri: place for place, term in enumerate(self.properties)}
        places: dict[str, list[int]] = {}
        for iri, keys in self.ends.items():
            for key in keys:
                places.setdefault(key, []).append(rows[iri])
        self.right = sorted(places, key=lambda key: (sum(places[key]) / len(places[key]), key))

    def _tree(self) -> list[str]:
        """Return the module's classes, each below what it is a kind of, and note how deep."""
        found: list[str] = []

        def visit(iri: str, depth: int) -> None:
            if iri in self.depth:
                return
            self.depth[iri] = depth
            found.append(iri)
            for term in self.own.values():
                if iri in term.broader:
                    visit(term.iri, depth + 1)

        for term in self.own.values():
            if not any(one in self.own for one in term.broader):
                visit(term.iri, 0)
        for iri in self.own:
            visit(iri, 0)
        return found

    def _side(self, iris: Sequence[str], side: str) -> list[str]:
        """Return the boxes that a property starts from or leads to; many of other modules are one box."""
        if not iris:
            return [""]
        others = [iri for iri in iris if iri in self.terms and iri not in self.own]
        if len(others) <= MOST:
            return list(iris)
        self.summed.setdefault(side, set()).update(others)
        return [*(iri for iri in iris if iri not in others), side]

    def label(self, key: str) -> tuple[str, str]:
        """Return what stands in a box, and what it says when pointed at."""
        if not key:
            return self.words["anything"], ""
        if key in self.summed:
            names = sorted(self._name(iri) for iri in self.summed[key])
            return self.words["others"], ", ".join(names)
        return self._name(key), ""

    def _name(self, iri: str) -> str:
        term = self.terms.get(iri)
        if term is None:
            return self.vocabulary.others.get(iri, iri)
        return said(term.labels, self.language) or term.name

    def kind(self, key: str) -> str:
        """Return how a box looks: ours, of another module, of others, or several."""
        if key in self.own:
            return "own"
        return "near" if key in self.terms else "many" if key in self.summed or not key else "far"

    def anchor(self, key: str) -> str | None:
        """Return where a box leads."""
        return self.terms[key].anchor if key in self.terms else None


def draw(vocabulary: Vocabulary, module: Module, language: str, words: Mapping[str, str]) -> Drawing:
    """Draw a module for a reader of a language."""
    plan = _Plan(vocabulary, module, language, words)
    boxes = max(len(plan.left), len(plan.right))
    height = max(boxes * PITCH, len(plan.properties) * ROW)
    top = (height - len(plan.properties) * ROW) / 2
    rows = {term.iri: top + ROW / 2 + place * ROW for place, term in enumerate(plan.properties)}
    left = _Column(plan.left, _wanted(plan.starts, rows), height)
    right = _Column(plan.right, _wanted(plan.ends, rows), height)
    left_boxes = {key: _box(plan, key, plan.depth.get(key, 0) * INDENT, left.y[key]) for key in plan.left}
    edge = max((box.x + box.width for box in left_boxes.values()), default=0.0)
    names = {term.iri: said(term.labels, language) or term.name for term in plan.properties}
    middle = max((width_of(name) for name in names.values()), default=0.0) / 2 + edge + SPAN
    labels = {}
    for term in plan.properties:
        width = width_of(names[term.iri]) + 14
        kind = f"arrow {term.kind}"
        labels[term.iri] = Box(middle - width / 2, rows[term.iri], width, names[term.iri], kind, term.anchor)
    far = max((box.x + box.width for box in labels.values()), default=edge) + SPAN
    right_boxes = {key: _box(plan, key, far, right.y[key]) for key in plan.right}
    every = (*left_boxes.values(), *labels.values(), *right_boxes.values())
    curves = [
        *_branches(plan, left_boxes),
        *_curves(plan, left_boxes, labels, right_boxes, bands=(edge, far - SPAN)),
    ]
    width = max((box.x + box.width for box in every), default=0.0)
    return Drawing(width, max((box.y for box in every), default=0) + BOX / 2, every, tuple(curves))


def _wanted(sides: Mapping[str, Sequence[str]], rows: Mapping[str, float]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for iri, keys in sides.items():
        for key in keys:
            found.setdefault(key, []).append(rows[iri])
    return found


def _box(plan: _Plan, key: str, x: float, y: float) -> Box:
    label, title = plan.label(key)
    return Box(x, y, width_of(label) + 20, label, plan.kind(key), plan.anchor(key), title)


def _branches(plan: _Plan, boxes: Mapping[str, Box]) -> Iterable[tuple[str, str]]:
    """Yield the lines of the tree, from each class to its kinds."""
    for iri, term in plan.own.items():
        for parent in term.broader:
            if parent in plan.own and plan.depth[iri] == plan.depth[parent] + 1:
                above, below = boxes[parent], boxes[iri]
                x = above.x + INDENT / 2
                yield f"M{x:g} {above.y + BOX / 2:.1f} V{below.y:.1f} H{below.x:g}", "tree"


def _curves(
    plan: _Plan,
    left: Mapping[str, Box],
    labels: Mapping[str, Box],
    right: Mapping[str, Box],
    *,
    bands: tuple[float, float],
) -> Iterable[tuple[str, str]]:
    """Yield the curves: straight beside the boxes and the labels, bent in the band between."""
    first, second = bands
    for term in plan.properties:
        label = labels[term.iri]
        for key in plan.starts[term.iri]:
            box = left[key]
            path = f"M{box.x + box.width:.1f} {box.y:.1f} H{first:.1f} {_bend(first, box.y, label.y)}"
            yield f"{path} H{label.x:.1f}", "from"
        for key in plan.ends[term.iri]:
            box, end = right[key], label.x + label.width
            yield f"M{end:.1f} {label.y:.1f} H{second:.1f} {_bend(second, label.y, box.y)}", "to"


def _bend(x: float, y: float, y2: float) -> str:
    """Return a curve across a band, level at both ends."""
    reach, half = SPAN - TIP, (SPAN - TIP) / 2
    return f"C{x + half:.1f} {y:.1f} {x + half:.1f} {y2:.1f} {x + reach:.1f} {y2:.1f}"
