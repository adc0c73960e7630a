"""The documents that an answer rests on as a reference list, numbered as its sources are."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, request

from kg.citations.formats import LISTED, STYLES, Work, reference_list
from kg.explore.statements.evidence import About, iris, literals
from kg.languages import language_chain
from kg.terms import DCTERMS, RDFS, pick
from kg.tracing.planning.traced import untraceable
from kg_web.clock import today
from kg_web.context import publication
from kg_web.delivery.negotiate import refuse
from kg_web.rendering.i18n import language
from kg_web.views.queries.citations import LONGEST
from kg_web.views.queries.sources import sources_of

blueprint = Blueprint("references", __name__)


@blueprint.get("/references.<style>")
def references(style: str) -> Response:
    """List what the answer to ``?query=`` rests on, in a style. Refused (403) where that can't be traced."""
    query = request.args.get("query", "")
    if style not in LISTED:
        return refuse(404, "unknown-format", "There is no such style", style, f"one of {', '.join(LISTED)}")
    if not query.strip() or len(query) > LONGEST:
        return refuse(400, "bad-request", "There is no query", "", f"query=, up to {LONGEST} characters")
    told = sources_of(query)
    if not told["traced"]:
        raise untraceable("this answer", told["reason"])
    works = works_of([one["document"] for one in told["documents"]])
    chosen = STYLES[style]
    response = Response(reference_list(works, style), content_type=f"{chosen.media_type}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="references.{chosen.extension}"'
    return response


def works_of(documents: Sequence[str]) -> list[Work]:
    """Return documents as works, with what the data says of them."""
    library = publication().explorer.library
    library.fetch(documents)
    people = (DCTERMS + "publisher", DCTERMS + "creator")
    library.fetch(iri for one in documents for iri in iris(library.about(one), *people))
    return [_work(document, library.about(document)) for document in documents]


def _work(document: str, about: About) -> Work:
    address = iris(about, RDFS + "seeAlso") or [document]
    issued = literals(about, DCTERMS + "issued", DCTERMS + "date")
    written = literals(about, DCTERMS + "language")
    return Work(
        title=_name(about) or document,
        url=address[0],
        date=issued[0].value if issued else "",
        creators=_names(about, DCTERMS + "creator"),
        publisher=", ".join(_names(about, DCTERMS + "publisher")),
        accessed=today(),
        language=written[0].value if written else language(),
        page=True,
    )


def _names(about: About, name: str) -> tuple[str, ...]:
    """Return the names of those that a property leads to, or that it gives itself."""
    library = publication().explorer.library
    named = [_name(library.about(iri)) or iri for iri in iris(about, name)]
    return tuple(named) or tuple(literal.value for literal in literals(about, name))


def _name(about: About) -> str:
    found = pick(literals(about, RDFS + "label", DCTERMS + "title"), language_chain(language()))
    return found.value if found is not None else ""
