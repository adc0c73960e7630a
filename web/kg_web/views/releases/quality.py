"""The quality of the release in numbers, as they were measured at its build; each with its query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING

from flask import Blueprint, abort, render_template, request

from kg.engine import Engine
from kg.explore.ask import ask, nodes
from kg.explore.model import Ref
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import str_of
from kg.languages import ORIGINAL, language_chain
from kg.quality import FILE, Measurement, Report, read_report
from kg.release import Release
from kg_web.context import publication
from kg_web.delivery.kept import kept
from kg_web.rendering.i18n import language
from kg_web.views.releases.coded import Part, Wording

if TYPE_CHECKING:
    from kg.review import second

blueprint = Blueprint("quality", __name__)

MOST = 50
"""How many pairs that disagree are listed; the query behind lists all."""
DIFFERENCES = 25
"""How many differences of a kind between two codings are listed; the file beside has all."""

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Row:
    """A number, and of what."""

    ref: Ref | None
    one: Measurement


@dataclass(frozen=True, slots=True)
class Cover:
    """A class: how many things it has, how many properties its shapes ask for, how well they are covered."""

    cls: Ref
    things: Measurement
    properties: tuple[Row, ...]

    @property
    def share(self) -> Decimal:
        """The mean share of things that have a property."""
        return sum((Decimal(row.one.value) for row in self.properties), Decimal(0)) / len(self.properties)

    @property
    def whole(self) -> int:
        """How many properties all things have."""
        return sum(row.one.value == 1 for row in self.properties)


@dataclass(frozen=True, slots=True)
class Shown:
    """A difference: in which passage, what each coding says, which stands, and why.

    ``language`` is that of the reason, None where it is the reader's.
    """

    passage: Ref
    first: tuple[Part, ...]
    second: tuple[Part, ...]
    decided: str
    why: str
    language: str | None


@dataclass(frozen=True, slots=True)
class Differences:
    """Differences of one kind between two codings: how many, and some with the passage and why."""

    label: str
    count: int
    shown: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Coding:
    """A second coding as the page shows it."""

    whole: second.Second
    kinds: tuple[tuple[str, second.Agreement], ...]
    differences: tuple[Differences, ...]


@blueprint.get("/quality")
@kept
def view() -> str:
    """Show the report; property by property the coverage of one class (``?class=``).

    404 for a release that was built without a report.
    """
    from kg.review import second  # loaded with the page: it brings all that curators use

    release = publication().release
    if release is None or FILE not in release.manifest["files"]:
        abort(404, description="This release has no report on its quality.")
    report = read_report(release.file(FILE))
    reader = publication().explorer.reader(language())
    pairs = _pairs(publication().engine, report)
    owners = _owners([iri for pair in pairs for iri in pair])
    reader.names.fetch([*(iri for pair in pairs for iri in pair), *owners.values()])
    return render_template(
        "quality.html",
        metrics={name: (_in(one.labels), _in(one.definitions)) for name, one in report.metrics.items()},
        rows={name: _rows(report, name, reader) for name in report.metrics},
        covers=_covers(report, reader),
        chosen=request.args.get("class", ""),
        coding=_coding(release, reader),
        pairs=[
            (reader.ref(owners[one]) if one in owners else None, reader.ref(one), reader.ref(other))
            for one, other in pairs
        ],
        shown=release,
        file=FILE,
        coding_file=second.FILE,
    )


def _in(texts: Mapping[str, str]) -> str:
    return next((texts[tag] for tag in language_chain(language()) if tag in texts), "")


def _coding(release: Release, reader: Reader) -> Coding | None:
    """Return how far a second coding agrees with the first, where there was one."""
    from kg.review import second  # loaded with the page: it brings all that curators use

    if second.FILE not in release.manifest["files"]:
        return None
    found = second.read(release.file(second.FILE))
    source = f"{release.base}source/"
    by_kind: dict[str, list[second.Difference]] = {}
    for one in found.differences:
        by_kind.setdefault(one.kind, []).append(one)
    shown = {kind: ones[:DIFFERENCES] for kind, ones in sorted(by_kind.items())}
    every = [one for ones in shown.values() for one in ones]
    reader.names.fetch({source + one.passage for one in every})
    wording = Wording.of(reader, publication().engine, publication().explorer.schema, release.base)
    wording.fetch(text for one in every for text in (one.first, one.second))
    return Coding(
        found,
        tuple((_in(one.label), one) for one in found.kinds),
        tuple(
            Differences(
                _in(found.labels.get(kind, {ORIGINAL: kind})),
                len(by_kind[kind]),
                tuple(
                    Shown(
                        reader.ref(source + one.passage),
                        wording.parts(one.first or NOTHING),
                        wording.parts(one.second or NOTHING),
                        one.decided,
                        *_why(found, one),
                    )
                    for one in ones
                ),
            )
            for kind, ones in shown.items()
        ),
    )


def _why(found: second.Second, one: second.Difference) -> tuple[str, str | None]:
    """Return why something was decided, and the language that it is told in where it isn't the reader's."""
    told = found.reasons.get(one.why, {}).get(language().lower())
    return (told, None) if told else (one.why, None if language() == ORIGINAL else ORIGINAL)


def _rows(report: Report, metric: str, reader: Reader) -> list[Row]:
    found = report.of(metric)
    reader.names.fetch(one.on for one in found if one.on)
    return [Row(reader.ref(one.on) if one.on else None, one) for one in found]


def _covers(report: Report, reader: Reader) -> list[Cover]:
    covers = []
    for things in report.of("instances"):
        rows = tuple(Row(reader.term(one.of or ""), one) for one in report.coverage(things.on or ""))
        if rows:
            covers.append(Cover(reader.term(things.on or ""), things, rows))
    return covers


def _owners(iris: list[str]) -> dict[str, str]:
    """Return what a figure belongs to, where it belongs to something: the first by its IRI."""
    explorer = publication().explorer
    rows = (
        ask(
            explorer.engine,
            "kg/explore/entity/owners",
            node=nodes(iris),
            asked=nodes(explorer.schema.embedding),
        )
        if iris
        else []
    )
    found: dict[str, str] = {}
    for node, owner in sorted((str_of(row["node"]), str_of(row["owner"])) for row in rows):
        found.setdefault(node, owner)
    return found


def _pairs(engine: Engine, report: Report) -> list[tuple[str, str]]:
    """Return the pairs that disagree, by the query that counted them."""
    found = next(iter(report.of("disagreements")), None)
    if found is None or not found.value:
        return []
    rows = islice(engine.query(found.sparql).dicts(), MOST)
    return [(str_of(row["one"]), str_of(row["other"])) for row in rows]
