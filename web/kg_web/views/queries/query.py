"""The query page: a plain form that works as it is, and becomes an editor where scripts run."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from flask_babel import gettext as _

from kg.explore.questions.examples import Example
from kg.export.answers import TABLE_FORMATS
from kg.export.extras import is_available
from kg.languages import ORIGINAL, language_chain
from kg.limits import Limit
from kg.mediatypes import GRAPH_FORMATS, RESULT_FORMATS
from kg.settings import LIMITS
from kg.writers.formats import in_order
from kg_web.context import publication
from kg_web.delivery.safety import POLICY
from kg_web.rendering.i18n import language
from kg_web.rendering.tongues import html_language
from kg_web.views.queries import complete

blueprint = Blueprint("query", __name__)
blueprint.register_blueprint(complete.blueprint)

VIEWS = {
    "bars": "chart",
    "years": "chart",
    "map": "map",
    "table": "table",
    "matrix": "table",
    "number": "table",
}
"""The editor's views by the kinds of view that questions name; what it can't draw opens as it fits."""
LONGEST = 100_000
"""The longest query that is shown in the form; the endpoint has its own limit."""

TABLES = in_order(set(TABLE_FORMATS) - set(RESULT_FORMATS), ("xlsx", "parquet", "csv-metadata.json"))
"""What `kg_web.views.queries.results` writes beside the formats of SPARQL, by extension."""


def _limit_words(limit: Limit) -> Iterator[tuple[str, str]]:
    """Yield the editor's texts for limits that were exceeded, by the keys of its strings."""
    yield f"problem.{limit.exceeded.code}", _(limit.exceeded.sentence)
    if limit.exceeded.advice:
        yield f"hint.{limit.variable}", _(limit.exceeded.advice)


@blueprint.get("/query")
def query() -> Response:
    """Show the form, filled with ``?query=``, or the example of a key (``?example=``), if there is one."""
    p = publication()
    examples = p.explorer.examples(language())
    wanted = request.args.get("example", "")
    example = next((one.sparql for one in examples if wanted and one.key == wanted), "")
    given = (request.args.get("query", "") or example)[:LONGEST]
    nonce = secrets.token_urlsafe(16)
    page = render_template(
        "query.html",
        given=given,
        limits=dict(words for limit in LIMITS.values() for words in _limit_words(limit)),
        prefixes=p.explorer.prefixes,
        examples=examples,
        config={
            "root": request.script_root,
            "nonce": nonce,
            "language": language(),
            "chain": language_chain(language()),
            "original": ORIGINAL if language_chain(language())[0] != ORIGINAL else "",
            "hasRelease": p.release is not None,
            "base": p.base,
            "version": p.release.version if p.release else "",
            "prefixes": dict(p.explorer.prefixes.table),
            "results": [{"name": one.name, "label": one.label} for one in RESULT_FORMATS],
            "tables": [{"name": one.name, "label": one.label} for one in TABLES if is_available(one)],
            "graphs": [{"name": one.name, "label": one.label} for one in GRAPH_FORMATS],
        },
    )
    response = make_response(page)
    # The editor adds a style element; only this page allows that, by a nonce.
    policy = POLICY.replace("style-src 'self'", f"style-src 'self' 'nonce-{nonce}'")
    response.headers["Content-Security-Policy"] = policy
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/query/examples.json")
def example_list() -> Response:
    """Give the examples with their queries: the page lists their questions, the editor fetches the rest."""
    explorer = publication().explorer
    return jsonify(list(_told(explorer.examples(language()), dict(explorer.prefixes.table))))


_DECLARED = re.compile(r"^PREFIX +([\w-]*): *<([^<>]*)>[ \t]*\n", re.MULTILINE)


def _told(examples: Iterable[Example], prefixes: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the examples as the editor takes them: it writes the prefixes that it knows by itself."""
    for one in examples:
        yield {
            "key": one.key,
            "question": one.question.value,
            "language": html_language(one.question.language) if one.question.language else "",
            "group": one.group.value,
            "sparql": _DECLARED.sub(lambda m: "" if prefixes.get(m[1]) == m[2] else m[0], one.sparql),
            "view": VIEWS.get(one.view, ""),
        }
