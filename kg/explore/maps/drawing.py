"""What is drawn of a class: its things, the ground below them, the frame around both."""

from __future__ import annotations

from dataclasses import dataclass

from kg.explore.maps.places import Frame, Point


@dataclass(frozen=True, slots=True)
class Located:
    """A thing and where it is drawn: its own point, or that of ``within``, which contains it or is it."""

    iri: str
    point: Point
    within: str | None = None


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the ground: what it stands for, its dots as a path, where its name goes, its tone."""

    iri: str
    dots: str
    x: float
    y: float
    tone: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn of a class: things, the ground, the frame; and how many things can't be placed.

    ``unplaced`` are those, as far as all of the class were looked at.
    """

    located: tuple[Located, ...]
    ground: tuple[Region, ...]
    frame: Frame
    missing: int
    unplaced: tuple[str, ...] = ()
