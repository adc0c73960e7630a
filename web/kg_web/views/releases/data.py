"""Data about things: from their IRIs to pages or files by Accept, and the files themselves.

An IRI under the dataset's base leads here whatever it is called: 303 to its page, or to its description in
the format asked for (Cool URIs for the Semantic Web §4.2).
"""

from __future__ import annotations

import hashlib
from urllib.parse import quote, urlencode

import pyoxigraph as ox
from flask import Blueprint, Response, abort, request

from kg.errors import UsageError
from kg.export import Description, describe, serialise
from kg.export.about import about, about_description, what_is_said
from kg.export.entity import size_of_graph
from kg.export.graphs.dump import Part
from kg.mediatypes import RDF_FORMATS, TRIG, Format, Kind
from kg.release import Release
from kg.sparql.bind import bind, load
from kg_web.context import publication
from kg_web.delivery.files import send_dump
from kg_web.delivery.negotiate import PAGE, fresh, not_acceptable, refuse, signpost, wanted
from kg_web.links import SAFE, data_link

blueprint = Blueprint("data", __name__)

LARGE = 20_000
"""A graph of more statements is written to a file, not put together in memory."""

GRAPHS = "graphs"
"""The parameter that asks for the named graphs of each statement, where the format can hold them."""

MORE = "?inferred=1"
"""What asks for the statements that rules inferred."""

FORMATS = {format.name: format for format in RDF_FORMATS}


@blueprint.get("/data/<path:name>")
def description(name: str) -> Response:
    """Send the description of a thing: its path under the base, then a dot and the format's extension.

    It has triples except in TriG; ``?graphs=1`` asks for named graphs in N-Quads and JSON-LD too.
    """
    path, _, extension = name.rpartition(".")
    base = publication().base
    if extension not in FORMATS or not path or not base:
        return _unknown(name)
    iri = _known(path)
    return _described(iri, FORMATS[extension]) if iri else _unknown(base + path)


@blueprint.get("/data")
def described_by_iri() -> Response:
    """Give what is said of ``?iri=`` in ``?format=``, or in the format that Accept likes best."""
    iri, name = request.args.get("iri", ""), request.args.get("format")
    if name is not None and name not in FORMATS:
        hint = f"one of {', '.join(FORMATS)}"
        return refuse(400, "unknown-format", "There is no such format", f"format={name}", hint)
    format = FORMATS[name] if name else wanted()
    if format is None:
        return not_acceptable(iri)
    return _described(iri, RDF_FORMATS[0] if format is PAGE else format)


@blueprint.get("/<path:path>")
def canonical(path: str) -> Response:
    """Lead from an IRI under the base to its page or its data (303); 404 when the data doesn't know it."""
    iri = _known(path)
    if iri is None:
        if wanted() in {PAGE, None}:
            abort(404)
        return _unknown(publication().base + path)
    format = wanted()
    if format is None:
        return not_acceptable(iri)
    page = f"{request.script_root}/page/{quote(iri.removeprefix(publication().base), safe=SAFE)}"
    return _see_other(page if format is PAGE else data_link(iri, format.name), iri)


@blueprint.before_app_request
def resource_as_data() -> Response | None:
    """Lead ``/resource?iri=`` and the dataset's own IRI to data, when that is what the client asks for."""
    if request.method not in {"GET", "HEAD"} or request.path not in {"/resource", "/"}:
        return None
    format = wanted()
    release = publication().release
    if format is PAGE:
        return None
    iri = request.args.get("iri", "") if request.path == "/resource" else (release.dataset if release else "")
    if format is None:
        return not_acceptable(iri)
    if request.path == "/":
        return _see_other(f"{request.script_root}/dataset.{format.name}", iri)
    return _see_other(f"{request.script_root}/data?{urlencode({'iri': iri, 'format': format.name})}", iri)


@blueprint.after_app_request
def links_of_pages(response: Response) -> Response:
    """Add to a thing's page, in headers, links to its data for programs, and Vary: Accept for caches."""
    if request.path in {"/resource", "/"}:
        response.vary.add("Accept")
    arguments = request.view_args or {}
    if response.status_code == 200 and request.endpoint == "pages.page" and "path" in arguments:
        signpost(response, publication().base + arguments["path"])
    return response


def _see_other(address: str, iri: str) -> Response:
    response = Response(status=303, content_type="text/plain; charset=utf-8")
    response.headers["Location"] = address
    response.vary.add("Accept")
    return signpost(response, iri)


def _unknown(what: str) -> Response:
    return refuse(404, "unknown-thing", "The data doesn't know this", f"Nothing is said of <{what}>.")


def _known(path: str) -> str | None:
    """Return the IRI that a path under the base stands for, or None when the data doesn't know it.

    The server has decoded the path, so the percent-encoded IRI is tried too, and one with a final slash,
    which the name of a file can't have.
    """
    publication_ = publication()
    if not publication_.base:
        return None
    for candidate in dict.fromkeys((path, quote(path, safe=SAFE), path + "/")):
        if _speaks_of(publication_.base + candidate):
            return publication_.base + candidate
    return None


def _speaks_of(iri: str) -> bool:
    """Say whether the data has an IRI anywhere."""
    try:
        node = ox.NamedNode(iri)
    except ValueError:
        return False
    return bool(publication().engine.query(bind(load("kg/explore/entity/known"), entity=node)).boolean)


def _described(iri: str, format: Format) -> Response:
    """Return a description in a format, or a problem."""
    publication_ = publication()
    release, inferred = publication_.release, request.args.get("inferred") == "1"
    # Clients that ask for one thing read the default graph; named graphs are for those that ask for them.
    quads = format is TRIG or (format.kind is Kind.DATASET and request.args.get(GRAPHS) == "1")
    if release is not None and size_of_graph(publication_.engine, iri) > LARGE:
        return _large_graph(release, iri, format, quads=quads)
    embeds = publication_.explorer.schema.embedding
    found = describe(publication_.engine, iri, embeds=embeds, inferred=inferred)
    if found is None:
        if not _speaks_of(iri):
            return _unknown(iri)
        # Terms of other vocabularies that the data uses have a page, even without statements about them.
        found = Description(iri, "thing", ())
    try:
        body = serialise(
            found.dataset if quads else found.triples,
            format,
            prefixes=publication_.explorer.prefixes.table,
            base=publication_.base,
            header=about_description(release, found, MORE) if release else what_is_said(found, MORE),
        )
    except UsageError as error:
        return refuse(406, "not-expressible", "This format can't hold it", error.message, error.hint)
    response = Response(body, content_type=format.content_type)
    response.headers["Content-Disposition"] = f'inline; filename="{_file_name(iri)}.{format.name}"'
    signpost(response, iri, about(release).license if release else "")
    return fresh(response, release)


def _large_graph(release: Release, iri: str, format: Format, *, quads: bool) -> Response:
    """Return a graph that is too large for memory: written once, in constant memory, and kept."""
    kept = "graph" if quads or format.kind is Kind.GRAPH else "triples"
    slug = f"{kept}-{hashlib.sha256(iri.encode()).hexdigest()[:16]}"
    part = Part(graphs=frozenset([iri]), name=f"What <{iri}> says", slug=slug, merged=not quads)
    name = f"{_file_name(iri)}.{format.name}"
    response = send_dump(release, format, part, name, inline=True)
    return signpost(response, iri, about(release).license)


def _file_name(iri: str) -> str:
    last = iri.rstrip("/#").replace("#", "/").rpartition("/")[2]
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in last)[:80] or "data"
