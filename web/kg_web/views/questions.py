"""Pages of the questions that the dataset answers: each with its answer, a picture, its sources, ways on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, make_response, render_template, request

from kg.citations.formats import LISTED, STYLES
from kg.explore import Text
from kg.explore.maps.places import Map
from kg.explore.model import Ref
from kg.explore.naming.names import Reader
from kg.explore.questions.answers import Answer
from kg.explore.questions.collection import Question
from kg.explore.questions.plots import plot
from kg.export.answers import TABLE_FORMATS
from kg.export.extras import is_available
from kg_web.context import publication
from kg_web.delivery.kept import kept
from kg_web.delivery.safety import framed
from kg_web.links import public
from kg_web.rendering.i18n import by_language, language
from kg_web.rendering.wording import joined, words
from kg_web.views.queries.sources import Resting, resting

blueprint = Blueprint("questions", __name__)

ROWS = 200
"""How many rows a page shows; the downloads have all."""
PHONE = (350, 300)
"""How large a map is drawn for a phone: names of one that shrank couldn't be read."""
BARE = 60
"""How many an embedded page shows."""
SVG = "image/svg+xml"


@blueprint.get("/questions")
@kept
def listing() -> str:
    """List the questions, group by group."""
    explorer = publication().explorer
    return render_template(
        "questions.html", sections=explorer.questions.sections(explorer.reader(language()))
    )


@blueprint.get("/questions/<name>")
def question(name: str) -> str:
    """Answer a question; a parameter named like a variable chooses its value. 404 for no question."""
    wanted = request.args.get("sources") == "1"
    asked, answer, reader = _answered(name, cited=not wanted)
    rested = _rested(answer) if wanted and answer.rows else None
    return render_template(
        "question.html",
        rows=ROWS,
        rested=rested,
        sourcing=_switched(asked, to=rested is None),
        styles=[STYLES[one] for one in LISTED],
        tables=[one for one in TABLE_FORMATS if is_available(one)],
        others=_others(asked, reader),
        **_parts(asked, answer, reader),
    )


@blueprint.get("/questions/<name>/embed")
def embed(name: str) -> Response:
    """Show a question's answer alone, for a frame in another page. 404 for no question."""
    asked, answer, reader = _answered(name)
    page = render_template("question_embed.html", rows=BARE, **_parts(asked, answer, reader))
    return framed(make_response(page))


@blueprint.get("/questions/<name>.svg")
def picture(name: str) -> Response:
    """Draw the answer's chart, with title and source in it. 404 where there is none."""
    asked, answer, reader = _answered(name)
    parts = _parts(asked, answer, reader)
    if parts["chart"] is None or parts["chart"].kind == "matrix":
        abort(404)
    response = Response(render_template("question.svg", **parts), content_type=f"{SVG}; charset=utf-8")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.svg"'
    return by_language(response)


def sentence(asked: Question, answer: Answer) -> Text | None:
    """Return the answer in a sentence of the reader's language."""
    return answer.sentence(asked.pattern, words, joined)


def _rested(answer: Answer) -> Resting:
    """Return what the rows that a page shows rest on."""
    found = publication()
    rows = found.explorer.answerer.result(answer.sparql, found.queries).rows
    return resting(answer.sparql, rows[:ROWS])


def _switched(asked: Question, *, to: bool) -> str:
    """Return the address of a question's page with or without the sources of its rows."""
    query = urlencode(_given(*asked.choose, "lang") | ({"sources": "1"} if to else {}))
    return f"{request.script_root}/questions/{asked.key}" + (f"?{query}" if query else "")


def _given(*names: str) -> dict[str, str]:
    """Return the parameters of the request that aren't empty."""
    return {name: request.args[name] for name in names if request.args.get(name)}


def _answered(name: str, *, cited: bool = True) -> tuple[Question, Answer, Reader]:
    publication_ = publication()
    explorer = publication_.explorer
    reader = explorer.reader(language())
    asked = explorer.questions.one(name, reader)
    if asked is None:
        abort(404)
    chosen = {name: request.args.get(name, "") for name in asked.choose}
    answer = explorer.answerer.answer(asked, reader, publication_.queries, chosen, cited=cited)
    return asked, answer, reader


def _parts(asked: Question, answer: Answer, reader: Reader) -> dict[str, Any]:
    chosen = _given(*asked.choose)
    query = "?" + urlencode(chosen | {"lang": language()})
    here = f"{request.script_root}/questions/{asked.key}"
    things = _things(asked, answer)
    wide = _map(things, reader, 720, 460)
    return {
        "asked": asked,
        "answer": answer,
        "said": sentence(asked, answer),
        "chart": plot(answer, asked.view),
        "map": wide,
        "unplaced": len(things) - sum(spot.count for spot in wide.spots) if wide else 0,
        "slim": _map(things, reader, *PHONE),
        "here": here,
        "chosen": query,
        "address": public(here.removeprefix(request.script_root))
        + ("?" + urlencode(chosen) if chosen else ""),
        "embedded": public(f"/questions/{asked.key}/embed") + query,
    }


def _map(things: Sequence[str], reader: Reader, width: int, height: int) -> Map | None:
    """Draw the things of an answer at their points, or at those of what contains them."""
    return publication().explorer.atlas.sketch(things, reader, width, height) if things else None


def _things(asked: Question, answer: Answer) -> tuple[str, ...]:
    """Return the things that a map of the answer shows."""
    at = answer.at(asked.view.columns[0]) if asked.view.kind == "map" and asked.view.columns else None
    if at is None:
        return ()
    return tuple(dict.fromkeys(value.iri for row in answer.rows if isinstance(value := row.values[at], Ref)))


def _others(asked: Question, reader: Reader) -> tuple[Question, ...]:
    every = publication().explorer.questions.every(reader)
    return tuple(one for one in every if one.group_key == asked.group_key and one.key != asked.key)
