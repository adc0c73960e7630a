"""What changed between releases: as a page, as text, as RDF; all of it, or about one thing."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from itertools import pairwise
from typing import IO

import pyoxigraph as ox
from flask import Blueprint, Response, abort, render_template, request, send_file

from kg.errors import ReleaseError, StorageError
from kg.explore.model import Value
from kg.export.cache import cached
from kg.export.graphs.changes import SIDES, write_changes
from kg.mediatypes import RDF_FORMATS
from kg.release import Release
from kg.release.diff import Change, Summary, changes, summary
from kg.release.shelf import releases, trusted
from kg_web.context import publication
from kg_web.delivery.negotiate import refuse
from kg_web.rendering.i18n import language
from kg_web.views.releases.dataset import folder_of, release_of

blueprint = Blueprint("changes", __name__)

FORMATS = {format.name: format for format in RDF_FORMATS}
SHOWN = 100
"""How many things, classes, properties and graphs with the most changes a page shows of each."""
STEPS = 20
"""How many releases back the history of a thing goes."""


@blueprint.get("/releases/<before>/changes/<after>")
def between(before: str, after: str) -> str | Response:
    """Show what changed from one release to another; ``?entity=`` about one thing.

    ``?format=text`` gives lines with signs; one of RDF's formats with ``side=added`` or ``side=removed`` the
    statements of that side.
    """
    old, new = release_of(before), release_of(after)
    entity, name = request.args.get("entity") or None, request.args.get("format")
    if name == "text":
        lines = (f"{change.sign} {change.line}\n" for change in changes(old, new, entity=entity))
        return Response(lines, content_type="text/plain; charset=utf-8")
    if name is not None:
        return _as_rdf(old, new, name, request.args.get("side", ""), entity)
    page = {"before": old, "after": new, "entity": entity, "sides": list(SIDES)}
    reader = publication().explorer.reader(language())
    if entity:
        found = list(changes(old, new, entity=entity))
        reader.names.fetch({iri for change in found for iri in _iris(change)} | {entity})
        shown = [_shown(change) for change in found]
        return render_template("changes.html", **page, thing=reader.ref(entity), changes=shown)
    counted = _summary(old, new)
    reader.names.fetch({iri for rows in counted.tables.values() for iri, _, _ in rows})
    tables = {
        name: [(reader.ref(iri), added, removed) for iri, added, removed in rows]
        for name, rows in counted.tables.items()
    }
    return render_template("changes.html", **page, counted=counted, tables=tables)


@blueprint.get("/changes")
def history() -> str:
    """Show what changed about ``?iri=`` from each release to the next, the newest first."""
    release, iri = publication().release, request.args.get("iri", "")
    if release is None or not iri:
        abort(404)
    reader = publication().explorer.reader(language())
    whole = []
    for one in releases(folder_of(release))[:STEPS]:
        try:
            whole.append(trusted(one))
        except ReleaseError:
            # A damaged release is never shown: its neighbours are compared with each other.
            continue
    steps = [(new, old, list(changes(old, new, entity=iri))) for new, old in pairwise(whole)]
    reader.names.fetch({i for *_, found in steps for change in found for i in _iris(change)} | {iri})
    shown = [(new, old, [_shown(change) for change in found]) for new, old, found in steps]
    return render_template("history.html", thing=reader.ref(iri), steps=shown)


def _as_rdf(old: Release, new: Release, name: str, side: str, entity: str | None) -> Response:
    if name not in FORMATS or side not in SIDES:
        hint = f"format=text, or one of {', '.join(FORMATS)} with side=added or side=removed"
        return refuse(400, "unknown-format", "Changes can't be had so", f"format={name} side={side}", hint)
    # A file without a name: the system removes it when the response is closed, or the process dies.
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    try:
        write_changes(old, new, FORMATS[name], file, side=side, entity=entity)
    except BaseException:
        file.close()
        raise
    size = file.tell()
    file.seek(0)
    response = send_file(
        file,
        mimetype=FORMATS[name].content_type,
        download_name=f"{old.version}-{new.version}-{side}.{name}",
        as_attachment=True,
        conditional=False,
    )
    response.content_length, response.content_type = size, FORMATS[name].content_type
    return response


def _summary(old: Release, new: Release) -> Summary:
    """Return the numbers of changes, counted once and then kept beside the newer release."""

    def make(out: IO[bytes]) -> None:
        out.write(json.dumps(asdict(summary(old, new, SHOWN)), ensure_ascii=False).encode())

    name = f"changes-{old.digest[:32]}.json"
    try:
        return Summary(**json.loads(cached(new, name, make).read_text(encoding="utf-8")))
    except StorageError:  # it is counted anew for each reader then
        return summary(old, new, SHOWN)


def _iris(change: Change) -> set[str]:
    found = {change.predicate, change.graph}
    return found | {change.value[1:-1]} if change.value.startswith("<") else found


def _shown(change: Change) -> tuple[str, Value, Value, Value]:
    """Return a change as a page shows it: sign, property, value, graph."""
    reader = publication().explorer.reader(language())
    quad = next(iter(ox.parse(change.line.encode(), format=ox.RdfFormat.N_QUADS)))
    return change.sign, reader.term(change.predicate), reader.value(quad.object), reader.ref(change.graph)
