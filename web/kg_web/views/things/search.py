"""Search: the page, and the same as JSON for programs and for suggestions while typing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from kg.explore.model import Ref, Text
from kg.languages import language_chain
from kg.search import Hit, Hits, Thing
from kg.search.index import DEEPEST, Index
from kg.terms import local_name, pick
from kg_web.context import publication
from kg_web.delivery.safety import page_number
from kg_web.links import href, switched
from kg_web.rendering.i18n import by_language, known, language
from kg_web.rendering.tongues import html_language
from kg_web.views.things.browse import expand

blueprint = Blueprint("search", __name__)

NO_SEARCH = "This server has no release, and so no search."
PAGE = 40
"""Hits on one page."""
LONGEST = 400
"""Characters of a text that a page carries on."""
MOST = 100
"""Hits that a program may ask for at once."""


@dataclass(frozen=True, slots=True)
class Found:
    """A hit as the page shows it; ``also`` is the name or code that has what was typed, if not the title."""

    ref: Ref
    also: Text | None
    place: tuple[Ref, ...]
    written: int
    cls: str


@blueprint.get("/search")
def search() -> str | BaseResponse:
    """Show what goes by a name or code like ``?q=``, grouped by class; ``?class=`` keeps to some classes.

    A text much longer than what is looked for leads to its beginning: the page has it in every link.
    """
    if len(request.args.get("q", "")) > LONGEST:
        return redirect(f"{request.script_root}/search{switched(q=request.args['q'][:LONGEST])}", 303)
    text, number = request.args.get("q", ""), min(page_number(), DEEPEST // PAGE)
    classes = _classes()
    hits = index_of_names().find(text, classes=classes, limit=PAGE, offset=(number - 1) * PAGE)
    reader = publication().explorer.reader(language())
    return render_template(
        "search.html",
        hits=hits,
        groups=[(reader.term(iri), list(found)) for iri, found in _grouped(hits.hits)],
        close=[_found(hit, language()) for hit in hits.close],
        classes=[(reader.term(iri), count) for iri, count in _sought_first(hits.classes)],
        chosen=[reader.term(iri) for iri in classes],
        page=number,
        reachable=min(hits.total, DEEPEST),
        size=PAGE,
    )


@blueprint.get("/search.json")
def search_json() -> Response:
    """Answer as docs/search-api.md says."""
    tongue = known(request.args.get("language", "")) or language()
    limit, offset = _number("limit", 20, most=MOST), _number("offset", 0, most=DEEPEST)
    hits = index_of_names().find(request.args.get("q", ""), classes=_classes(), limit=limit, offset=offset)
    response = jsonify(_answer(hits, limit, offset, tongue))
    return by_language(response)


def index_of_names() -> Index:
    """Return the publication's index of names; 404 where a release is missing: an endpoint alone has none."""
    found = publication().index
    if found is None:
        abort(404, description=NO_SEARCH)
    return found


def _classes() -> list[str]:
    explorer = publication().explorer
    return [expand(explorer, name) for name in request.args.getlist("class")[:20] if name]


def _grouped(hits: tuple[Hit, ...]) -> list[tuple[str, list[Found]]]:
    """Group hits by class, the class of the best hit first; within a class they keep their order."""
    found = [_found(hit, language()) for hit in hits]
    order = {cls: at for at, cls in reversed(list(enumerate(one.cls for one in found)))}
    ordered = sorted(found, key=lambda one: order[one.cls])
    return [(cls, list(group)) for cls, group in groupby(ordered, key=lambda one: one.cls)]


def _sought_first(classes: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return classes with their counts: those that readers come for before what the dataset is made with."""
    schema = publication().explorer.schema
    primary = set(schema.primary)
    return sorted(classes.items(), key=lambda pair: primary.isdisjoint(schema.above(pair[0])))


def _found(hit: Hit, tongue: str) -> Found:
    title = _text(hit.thing, tongue)
    place = tuple(Ref(one.iri, _text(one, tongue)) for one in hit.place)
    cls = hit.thing.classes[0] if hit.thing.classes else ""
    matched = Text.printed(hit.matched.value, hit.matched.language) if hit.matched else None
    said = matched if matched and matched.value != title.value else None
    return Found(Ref(hit.thing.iri, title), said, place, hit.thing.written, cls)


def _text(thing: Thing, tongue: str) -> Text:
    label = pick(thing.labels, language_chain(tongue))
    return Text.printed(label.value, label.language) if label else Text(local_name(thing.iri))


def _number(name: str, default: int, *, most: int) -> int:
    """Return a parameter that must be a number from 0 to ``most``; 400 when it isn't."""
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) <= most):
        abort(400, description=f"{name} is a whole number from 0 to {most:,}.")
    return int(text)


def _answer(hits: Hits, limit: int, offset: int, tongue: str) -> dict[str, Any]:
    terms = publication().explorer.reader(tongue)
    return {
        "query": hits.text,
        "cut": hits.cut,
        "language": tongue,
        "release": getattr(publication().release, "version", None),
        "total": hits.total,
        "limit": limit,
        "offset": offset,
        "classes": [
            {"iri": iri, "label": _label(terms.term(iri).label), "count": count}
            for iri, count in hits.classes.items()
        ],
        "hits": [_hit(hit, tongue) for hit in hits.hits],
        "close": [_hit(hit, tongue) for hit in hits.close],
    }


def _hit(hit: Hit, tongue: str) -> dict[str, Any]:
    terms, thing = publication().explorer.reader(tongue), hit.thing
    return {
        "iri": thing.iri,
        "page": href(thing.iri),
        "label": _label(_text(thing, tongue)),
        "match": hit.match,
        "matched": hit.matched and _label(Text(hit.matched.value, hit.matched.language or "")),
        "classes": [{"iri": iri, "label": _label(terms.term(iri).label)} for iri in thing.classes],
        "place": [{"iri": one.iri, "label": _label(_text(one, tongue))} for one in hit.place],
        "names": [
            {"text": name.value, "language": html_language(name.language or ""), "alias": name.is_alias}
            for name in thing.names
        ],
        "codes": list(thing.codes),
        "statements": thing.written,
    }


def _label(text: Text) -> dict[str, str]:
    return {"text": text.value, "language": html_language(text.language)}
