"""The dataset as a whole: what it is, its releases, its files, how to cite it."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, abort, make_response, render_template, request

from kg.citations.formats import STYLES
from kg.citations.works import release_as_work
from kg.export import serialise
from kg.export.about import about, header
from kg.export.descriptions.metadata import links, metadata, release_iri
from kg.export.graphs.dump import Part
from kg.mediatypes import RDF_FORMATS
from kg.release import MANIFEST, Release
from kg.release.shelf import find, releases, tombstones, trusted
from kg_web.clock import today
from kg_web.context import publication
from kg_web.delivery.files import send, send_dump
from kg_web.delivery.negotiate import PAGE, fresh, not_acceptable, refuse, signpost, wanted
from kg_web.rendering.i18n import language
from kg_web.views.machines import schema_org_dataset

blueprint = Blueprint("dataset", __name__)

FORMATS = {format.name: format for format in RDF_FORMATS}
WHOLE, STATED = "all", "stated"
"""Names of files: everything, and everything but what rules inferred."""
ITEMS = 20
"""Releases that the list's head names; a head is short, and the feed has all."""
_MEDIA = {".json": "application/json", ".ttl": "text/turtle; charset=utf-8", ".nq": "application/n-quads"}


@blueprint.get("/dataset")
def dataset() -> Response:
    """Show what the dataset is and how to get it, or lead to its description as data."""
    release, format = _release(), wanted()
    if format is None:
        return not_acceptable(release.dataset)
    if format is not PAGE:
        return _see_other(f"/dataset.{format.name}")
    page = render_template(
        "dataset.html",
        one=about(release, language()),
        releases=releases(folder_of(release)),
        stated=STATED,
        whole=WHOLE,
        citations=cited(release),
        tables=[],
        linked=schema_org_dataset(),
    )
    response = signpost(fresh(make_response(page), None), release.dataset, about(release).license)
    for format in RDF_FORMATS:
        address = f"{request.script_root}/dataset.{format.name}"
        response.headers.add("Link", f'<{address}>; rel="describedby"; type="{format.media_type}"')
    return _with_items(response, release)


def _with_items(response: Response, release: Release) -> Response:
    """Add the typed links from a landing page to what it is about and its files (signposting.org)."""
    for kind in ("Dataset", "AboutPage"):
        response.headers.add("Link", f'<https://schema.org/{kind}>; rel="type"')
    for format in RDF_FORMATS:
        address = f"{request.script_root}/releases/{release.version}/{STATED}.{format.name}"
        response.headers.add("Link", f'<{address}>; rel="item"; type="{format.media_type}"')
    return response


@blueprint.get("/dataset.<extension>")
def description(extension: str) -> Response:
    """Give the dataset's description (DCAT, VoID) in a format."""
    release = _release()
    if extension not in FORMATS:
        abort(404)
    format = FORMATS[extension]
    linked = links(publication().engine, release.base)
    triples = metadata(release, releases(folder_of(release)), linked)
    text = header(release, "The dataset's description (DCAT 3, VoID)")
    body = serialise(triples, format, prefixes=release.prefixes, base=release.base, header=text)
    response = Response(body, content_type=format.content_type)
    return fresh(signpost(response, release.dataset, about(release).license), release)


@blueprint.get("/.well-known/void")
def void() -> Response:
    """Lead to the description, as VoID §5.2 asks."""
    format = wanted()
    return _see_other(f"/dataset.{'ttl' if format in {None, PAGE} else format.name}")


@blueprint.get("/releases")
def index() -> Response:
    """List the releases, those that were removed too."""
    release = _release()
    folder = folder_of(release)
    found = releases(folder)
    page = render_template("releases.html", releases=found, gone=tombstones(folder), active=release)
    response = make_response(page)
    root = request.script_root
    for link in (
        f'<{root}/releases.atom>; rel="alternate"; type="application/atom+xml"',
        '<https://schema.org/CollectionPage>; rel="type"',
        f'<{release.dataset}>; rel="cite-as"',
        f'<{root}/dataset.ttl>; rel="describedby"; type="text/turtle"',
        *(f'<{root}/releases/{one.version}>; rel="item"; type="text/html"' for one in found[:ITEMS]),
    ):
        response.headers.add("Link", link)
    return response


@blueprint.get("/releases/<version>")
def one(version: str) -> Response:
    """Show one release: its numbers, files, checksums and citation; 410 when it was removed."""
    release = release_of(version)
    format = wanted()
    if format is None:
        return not_acceptable(release_iri(release))
    if format is not PAGE:
        return _see_other(f"/releases/{version}/{STATED}.{format.name}")
    older = [other for other in releases(folder_of(release)) if other.version != version]
    page = render_template(
        "release.html",
        shown=release,
        one=about(release, language()),
        active=_release().version == version,
        others=older,
        stated=STATED,
        whole=WHOLE,
        citations=cited(release),
    )
    response = make_response(page)
    response.headers.add("Link", f'<{release_iri(release)}>; rel="cite-as"')
    response.headers.add("Link", f'<{release.dataset}>; rel="collection"')
    if (license := about(release).license).startswith("http"):
        response.headers.add("Link", f'<{license}>; rel="license"')
    manifest = f"{request.script_root}/releases/{version}/{MANIFEST}"
    response.headers.add("Link", f'<{manifest}>; rel="describedby"; type="application/json"')
    response.vary.add("Accept")
    return _with_items(response, release)


@blueprint.get("/releases/<version>/<path:name>")
def file(version: str, name: str) -> Response:
    """Send one of a release's files as it was sealed, or the release in another format.

    ``all.*`` is everything, ``stated.*`` everything but what rules inferred; both say what they are. What was
    sealed, such as ``dataset.nq``, is sent to the byte.
    """
    release = release_of(version)
    download = f"{_slug(release)}-{version}-{name.replace('/', '-')}"
    if name in release.manifest["files"] or name == MANIFEST:
        path = release.path / name
        return send(release, path, _MEDIA.get(path.suffix, "application/octet-stream"), download)
    stem, _, extension = name.rpartition(".")
    if stem not in {WHOLE, STATED} or extension not in FORMATS:
        return refuse(404, "unknown-file", "The release has no such file", name)
    part = Part(inferred=stem == WHOLE, slug=stem)
    return send_dump(release, FORMATS[extension], part, download)


def folder_of(release: Release) -> Path:
    """Return the folder in which a release lies beside others."""
    return release.path.parent


def release_of(version: str) -> Release:
    """Return a release that verifies. Raises what `find` and `trusted` raise: 404, 410 or 503."""
    return trusted(find(folder_of(_release()), version))


def cited(release: Release) -> list[tuple[str, str, str]]:
    """Return a release's citation by style: name, label, text."""
    one = about(release, language())
    work = release_as_work(
        one, url=release_iri(release), checksum=release.digest, language=language(), accessed=today()
    )
    return [(style.name, style.label, style.write(work)) for style in STYLES.values()]


def _release() -> Release:
    release = publication().release
    if release is None:
        abort(404, description="This server answers from an endpoint alone and has no release.")
    return release


def _see_other(path: str) -> Response:
    response = Response(status=303, content_type="text/plain; charset=utf-8")
    response.headers["Location"] = request.script_root + path
    response.vary.add("Accept")
    return response


def _slug(release: Release) -> str:
    last = release.base.rstrip("/").rpartition("/")[2]
    return "".join(c for c in last if c.isascii() and (c.isalnum() or c in "-_")) or "dataset"
