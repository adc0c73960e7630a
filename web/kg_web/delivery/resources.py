"""The table of all resources: their addresses, formats, caching, CORS and content coding.

`kg_web.delivery.answering` delivers every answer as its row says; a view only makes the content. A test walks
every route, and `docs/resources.md` is written from the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, RoutingException, Rule

from kg.citations.formats import LISTED, STYLES
from kg.export.answers import TABLE_FORMATS
from kg.mediatypes import GEOJSON, GEXF, GRAPHML, HTML, RDF_FORMATS, RESULT_FORMATS, SVG

GET, POST = ("GET", "HEAD", "OPTIONS"), ("POST", "OPTIONS")

KEPT = "no-cache"
"""May be kept, and is asked for again with its ETag: the next release answers otherwise."""
MINUTES = "public, max-age=300"
HOUR = "public, max-age=3600"
NEVER = "no-store"

_RDF = tuple(format.media_type for format in RDF_FORMATS)
_ROWS = tuple(format.media_type for format in RESULT_FORMATS)
_PAGE = (HTML,)
_JSON = ("application/json",)
_TEXT = ("text/plain",)
_REFERENCES = (*_JSON, *(style.media_type for style in STYLES.values()))
OPENSEARCH, SUGGESTIONS = "application/opensearchdescription+xml", "application/x-suggestions+json"
"""The description of a search for browsers, and its suggestions (OpenSearch 1.1)."""
_TABLES = tuple(format.media_type for format in TABLE_FORMATS)


Lane = Literal["page", "answer", "file"]
"""Pages; what asks the query processes or counts what is said of many; what writes a whole release.

Each has threads of its own (`kg_web.server.http.bridge`): what takes long holds up nothing that is short.
"""


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of address.

    ``address`` is the route; ``formats`` the media types that it answers with; ``caching`` the Cache-Control
    of a 200; ``shared`` the methods that other origins may use (CORS); ``coded`` whether answers are
    compressed by `kg_web.delivery.answering`, once, and kept (``False``: the resource does it itself, or its
    files are not text); ``tagged`` whether it has an ETag and answers 304; ``methods`` those that it accepts;
    ``size`` the largest body of a request (bytes); ``lane`` the group of threads that makes it.
    """

    address: str
    formats: tuple[str, ...]
    caching: str = KEPT
    shared: tuple[str, ...] = GET
    coded: bool = True
    tagged: bool = True
    methods: tuple[str, ...] = GET
    size: int = 0
    lane: Lane = "page"


MAX_QUERY = 1024 * 1024
"""Bytes of a body that holds a query; a query's own limit is lower."""

_EVERY = (*GET, "POST", "PUT", "PATCH", "DELETE")
TABLE: tuple[Resource, ...] = (
    # Asking. The endpoint sees to its own codings and tags: it knows an answer before it is made.
    Resource(
        "/sparql",
        (*_ROWS, *_RDF),
        "public, no-cache",
        (*GET, "POST"),
        coded=False,
        methods=_EVERY,
        size=MAX_QUERY,
    ),
    Resource(
        "/sparql/<path:rest>",
        _RDF,
        "public, no-cache",
        (*GET, "POST"),
        coded=False,
        methods=_EVERY,
        size=MAX_QUERY,
    ),
    Resource(
        "/releases/<version>/sparql",
        (*_ROWS, *_RDF),
        "public, no-cache",
        (*GET, "POST"),
        coded=False,
        methods=(*GET, "POST"),
        size=MAX_QUERY,
    ),
    Resource("/result.<extension>", _TABLES, lane="answer"),
    Resource("/references.<style>", tuple(STYLES[name].media_type for name in LISTED), lane="answer"),
    Resource("/search.json", _JSON, "max-age=60"),
    # Things: from an IRI to its page or its data.
    Resource("/<path:path>", (), tagged=False, coded=False),
    Resource("/page/<path:path>", _PAGE),
    Resource("/resource", _PAGE),
    Resource("/data/<path:name>", _RDF, MINUTES, lane="answer"),
    Resource("/data", _RDF, MINUTES, lane="answer"),
    Resource("/releases/<version>/page/<path:rest>", _PAGE, lane="answer"),
    Resource("/releases/<version>/resource", _PAGE, lane="answer"),
    Resource("/releases/<version>/data/<path:rest>", _RDF, MINUTES, lane="answer"),
    Resource("/releases/<version>/data", _RDF, MINUTES, lane="answer"),
    Resource("/releases/<version>/links", _PAGE, lane="answer"),
    Resource("/releases/<version>/browse", _PAGE, lane="answer"),
    # Pages.
    Resource("/", _PAGE),
    Resource("/questions", _PAGE),
    Resource("/questions/<name>", _PAGE, lane="answer"),
    Resource("/questions/<name>/embed", _PAGE, lane="answer"),
    Resource("/questions/<name>.svg", (SVG,), lane="answer"),
    Resource("/diagram.svg", (SVG,)),
    Resource("/links", _PAGE),
    Resource("/browse", _PAGE),
    Resource("/compare", _PAGE),
    Resource("/coverage", _PAGE, lane="answer"),
    Resource("/quality", _PAGE),
    Resource("/ontology/", _PAGE),
    Resource("/map", _PAGE),
    Resource("/map.geojson", (GEOJSON.media_type,), lane="answer"),
    Resource("/network", _PAGE),
    Resource("/network.<extension>", (GRAPHML, GEXF, SVG), lane="answer"),
    Resource("/search", _PAGE),
    Resource("/changes", _PAGE, lane="answer"),
    Resource("/releases/<before>/changes/<after>", (*_PAGE, *_TEXT, *_RDF), lane="answer"),
    # The dataset and its releases. What was sealed or exported is a file with a coding of its own.
    Resource("/dataset", _PAGE, MINUTES),
    Resource("/dataset.<extension>", _RDF, MINUTES),
    Resource("/.well-known/void", (), tagged=False, coded=False),
    Resource("/releases", _PAGE),
    Resource("/releases/<version>", _PAGE),
    Resource("/releases/<version>/<path:name>", (*_RDF, *_JSON, *_PAGE), MINUTES, coded=False, lane="file"),
    Resource("/releases/<version>/tables", _PAGE, lane="answer"),
    Resource(
        "/releases/<version>/tables/<file>", (*_TABLES, GEOJSON.media_type), MINUTES, coded=False, lane="file"
    ),
    Resource("/releases/<version>/part", _RDF, lane="file"),
    # Citations. Nobody else's page may make one for its reader.
    Resource("/cite", _PAGE, methods=(*GET, "POST"), size=MAX_QUERY, lane="answer"),
    Resource("/cite/<id>", (*_PAGE, *_JSON), lane="answer"),
    Resource(
        "/cite/<id>.<style>",
        _REFERENCES,
        lane="answer",
    ),
    Resource(
        "/cite/<id>/check",
        (*_PAGE, *_JSON),
        NEVER,
        (),
        methods=POST,
        tagged=False,
        size=MAX_QUERY,
        lane="answer",
    ),
    Resource("/cite/<id>/result.<extension>", (*_ROWS, *_TABLES, *_RDF), lane="answer"),
    # Reconciliation, for clients of other origins; its queries come as a form.
    Resource(
        "/reconcile",
        _JSON,
        NEVER,
        (*GET, "POST"),
        tagged=False,
        methods=(*GET, "POST"),
        size=MAX_QUERY,
        lane="answer",
    ),
    Resource("/reconcile/view", (), tagged=False, coded=False),
    Resource("/reconcile/preview", _PAGE),
    Resource("/reconcile/flyout/<kind>", _JSON),
    Resource("/reconcile/properties", _JSON),
    Resource("/reconcile/suggest/entity", _JSON),
    Resource("/reconcile/suggest/type", _JSON),
    Resource("/reconcile/suggest/property", _JSON),
    # The editor.
    Resource("/query", _PAGE, NEVER, tagged=False),  # it holds a word for its style that is new each time
    Resource("/query/examples.json", _JSON),
    Resource("/query/vocabulary.json", _JSON),
    Resource("/query/values.json", _JSON, "private, max-age=300"),
    Resource("/query/labels.json", _JSON, NEVER, POST, methods=POST, tagged=False, size=MAX_QUERY),
    Resource("/query/words.json", _JSON, NEVER, POST, methods=POST, tagged=False, size=MAX_QUERY),
    # What belongs to the pages, and what machines look for.
    Resource(
        "/static/<path:filename>",
        ("text/css", "text/javascript", "image/svg+xml", "text/plain"),
    ),
    Resource("/languages.css", ("text/css",), HOUR),
    Resource("/ontology.css", ("text/css",), HOUR),
    Resource("/robots.txt", _TEXT, HOUR),
    Resource("/sitemap.xml", ("application/xml",), HOUR),
    Resource("/sitemap/<int:number>-<int:part>.xml", ("application/xml",), HOUR),
    Resource("/favicon.ico", ("image/vnd.microsoft.icon",), HOUR, coded=False),
    Resource("/llms.txt", _TEXT, HOUR),
    Resource("/openapi.json", _JSON, HOUR),
    Resource("/opensearch.xml", (OPENSEARCH,), HOUR),
    Resource("/suggest.json", (SUGGESTIONS,), "max-age=60"),
    Resource("/releases.atom", ("application/atom+xml",), MINUTES),
    Resource("/oembed", _JSON, HOUR),
    Resource("/healthz", _TEXT, NEVER, coded=False, tagged=False),
    Resource("/readyz", _TEXT, NEVER, coded=False, tagged=False),
)

_ROUTES = Map([Rule(one.address, endpoint=one.lane) for one in TABLE]).bind("")


def lane_of(path: str) -> Lane:
    """Return the lane of threads that answers an address; that of pages for an unknown one."""
    try:
        found: Lane = _ROUTES.match(path)[0]
    except (HTTPException, RoutingException):
        return "page"
    return found


BY_ADDRESS: Mapping[str, Resource] = {one.address: one for one in TABLE}
LARGEST = max(one.size for one in TABLE)
"""Bytes of the largest body that any resource takes."""


def as_markdown() -> str:
    """Return the table as Markdown, for the documentation."""
    lines = [
        "| address | formats | kept | other origins | compressed | methods | body | lane |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in TABLE:
        cells = (
            f"`{one.address}`",
            ", ".join(one.formats) or "leads on (303)",
            one.caching + (", ETag" if one.tagged else ""),
            ", ".join(method for method in one.shared if method != "OPTIONS") or "none",
            "here" if one.coded else "by itself",
            ", ".join(method for method in one.methods if method != "OPTIONS"),
            f"{one.size // 1024} KB" if one.size else "",
            one.lane,
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
