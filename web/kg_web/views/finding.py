"""Descriptions by which browsers, feed readers, assistants and other sites find and show what is here."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Blueprint, Response, abort, jsonify, render_template, request

from kg.export.about import about
from kg.export.descriptions.metadata import release_iri
from kg.languages import language_chain
from kg.release.shelf import releases
from kg.terms import pick
from kg_web.context import publication
from kg_web.delivery.negotiate import refuse, sealed
from kg_web.delivery.openapi import openapi
from kg_web.delivery.resources import OPENSEARCH, SUGGESTIONS
from kg_web.icon import favicon as icon
from kg_web.links import href, public
from kg_web.rendering.i18n import by_language, known, language

blueprint = Blueprint("finding", __name__)

SUGGESTED = 10
"""Names that a browser's search box is offered."""
WIDTH, HEIGHT = 720, 520
"""Pixels of a question's answer in another page, where that doesn't say how much room it has."""
LED = 12
"""Questions that the guide for assistants names."""


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """Send the icon to clients that don't read a page's head."""
    return Response(icon(), mimetype="image/vnd.microsoft.icon")


@blueprint.get("/llms.txt")
def guide() -> Response:
    """Tell an assistant in one text what is here and how it is asked (llmstxt.org)."""
    explorer = publication().explorer
    reader = explorer.reader(language())
    text = render_template(
        "llms.txt",
        title=explorer.overview(language()).title.value,
        described=explorer.overview(language()).description,
        questions=list(explorer.questions.leading(reader, LED)),
        classes=[(one.ref, one.count) for one in explorer.overview(language()).classes],
    )
    return by_language(Response(text, content_type="text/plain; charset=utf-8"))


@blueprint.get("/openapi.json")
def described() -> Response:
    """Describe the resources that programs ask for (OpenAPI 3.1)."""
    found = publication()
    title = found.explorer.overview(language()).title.value
    version = found.release.version if found.release else ""
    server = public("/").removesuffix("/")
    return by_language(jsonify(openapi(title=title, version=version, server=server, license=found.license)))


@blueprint.get("/opensearch.xml")
def opensearch() -> Response:
    """Describe the search to browsers (OpenSearch 1.1), suggestions while typing included."""
    title = publication().explorer.overview(language()).title.value
    return by_language(Response(render_template("opensearch.xml", title=title), mimetype=OPENSEARCH))


@blueprint.get("/suggest.json")
def suggest() -> Response:
    """Complete ``?q=`` as OpenSearch's suggestions have it: what was typed, names, notes, addresses."""
    text, found = request.args.get("q", "")[:400], publication()
    if found.index is None:
        abort(404, description="This server has no release, and so no search.")
    chain, reader = language_chain(language()), found.explorer.reader(language())
    names, notes, addresses = [], [], []
    for hit in found.index.find(text, limit=SUGGESTED).hits if text.strip() else ():
        label = pick(hit.thing.labels, chain)
        if label is None:
            continue
        names.append(label.value)
        notes.append(reader.term(hit.thing.classes[0]).label.value if hit.thing.classes else "")
        addresses.append(public(href(hit.thing.iri).removeprefix(request.script_root)))
    response = jsonify([text, names, notes, addresses])
    response.content_type = SUGGESTIONS
    return by_language(response)


@blueprint.get("/releases.atom")
def feed() -> Response:
    """Tell feed readers of each release, the newest first (RFC 4287)."""
    release = publication().release
    if release is None:
        abort(404, description="This server answers from an endpoint alone and has no release.")
    every = releases(release.path.parent)
    entries = [
        {"release": one, "iri": release_iri(one), "about": about(one, language()), "sealed": sealed(one)}
        for one in every
    ]
    text = render_template(
        "feed.xml",
        entries=entries,
        about=about(release, language()),
        dataset=release.dataset,
        updated=max(sealed(one) for one in every),
    )
    return by_language(Response(text, mimetype="application/atom+xml"))


@blueprint.get("/oembed")
def oembed() -> Response:
    """Tell how to embed the answer to the question at ``?url=`` in another page (oembed.com).

    404 where the address is none of a question here, 501 where another format than JSON is wanted.
    """
    if request.args.get("format", "json") != "json":
        return refuse(
            501, "not-implemented", "Only JSON is given", f"format={request.args['format']}", "format=json"
        )
    asked = _question_at(request.args.get("url", ""))
    if asked is None:
        return refuse(
            404,
            "unknown-question",
            "No question of this server is at that address",
            hint=f"url= is an address such as {public('/questions/')}NAME",
        )
    key, title, query = asked
    width, height = _room("maxwidth", WIDTH), _room("maxheight", HEIGHT)
    address = public(f"/questions/{key}/embed") + (f"?{query}" if query else "")
    frame = render_template("oembed.html", address=address, width=width, height=height, title=title)
    return by_language(
        jsonify(
            version="1.0",
            type="rich",
            title=title,
            provider_name=publication().explorer.overview(language()).title.value,
            provider_url=public("/"),
            cache_age=3600,
            width=width,
            height=height,
            html=frame.strip(),
        )
    )


def _question_at(url: str) -> tuple[str, str, str] | None:
    """Return the key and title of the question at a public address, and what of its query is passed on."""
    try:
        root, there = urlsplit(public("/questions/")), urlsplit(url)
    except ValueError:  # no address at all, such as an unclosed bracket
        return None
    if there.netloc != root.netloc or not there.path.startswith(root.path):
        return None
    key = there.path.removeprefix(root.path).removesuffix("/embed")
    given = {name: values[-1] for name, values in parse_qs(there.query).items()}
    explorer, tongue = publication().explorer, known(given.get("lang", "")) or language()
    asked = explorer.questions.one(key, explorer.reader(tongue))
    if asked is None:
        return None
    passed: dict[str, Any] = {name: value for name, value in given.items() if name in (*asked.choose, "lang")}
    return key, asked.title.value, urlencode(passed)


def _room(name: str, usual: int) -> int:
    """Return how many pixels a frame may take: what the consumer allows, else the usual."""
    text = request.args.get(name, "")
    return min(int(text), usual) if text.isascii() and text.isdigit() and 0 < len(text) < 6 else usual
