"""Reading a request of the SPARQL 1.1 Protocol (§2.1, query operation)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from kg.engine import Dataset
from kg.errors import UsageError
from kg.mediatypes import BY_NAME, GRAPH_FORMATS, RESULT_FORMATS, Format, called, choose
from kg_web.protocol.message import Request, pairs
from kg_web.protocol.problem import Problem

FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
UPDATE = "application/sparql-update"
METHODS = "GET, HEAD, POST, OPTIONS"
FORMAT = ("format", "output", "results")
"""The parameters by which clients name a format, the first that is sent ruling: ours and Virtuoso's, Jena's,
and what SPARQLWrapper sends besides."""
DEEP = "deep"
_WHOLE_GRAPH = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
_ASCII_ALIKE = re.compile(r"iso-?8859-\d{1,2}|latin-?1|windows-125\d|us-ascii|ascii|gb2312|gbk|gb18030|big5")
"""Charsets in which ASCII is ASCII; what is no more than that is read whatever its client calls it."""


@dataclass(frozen=True)
class Ask:
    """A query as a client asked it.

    ``results_format`` and ``graph_format`` are the formats for rows and for graphs; None where the client
    accepts none. ``timeout`` (s) is the client's own. ``sources``: ``1`` for an answer with the sources of
    its rows, `DEEP` if they are followed through rules, empty without.
    """

    sparql: str
    dataset: Dataset | None
    results_format: Format | None
    graph_format: Format | None
    timeout: float | None
    id: str | None
    sources: str = ""


def read(request: Request) -> Ask | None:
    """Return what a GET, HEAD or POST request asks; None for a bare GET.

    Raises Problem: 400, 403 for an update, 406, 415.
    """
    arguments = request.arguments()
    sparql: list[str] = []
    if request.method == "POST":
        sparql, more = _body(request)
        arguments = arguments + more
    values: dict[str, list[str]] = {}
    for name, value in arguments:
        values.setdefault(name, []).append(value)
    if "update" in values:
        raise _update()
    sparql += values.get("query", [])
    if len(sparql) > 1:
        raise _bad("the request has more than one query", "send the parameter query once")
    if not sparql:
        if request.method in ("GET", "HEAD") and not {"default-graph-uri", "named-graph-uri"} & values.keys():
            return None
        raise _bad(
            "the request has no query", "send the parameter query, or POST it as application/sparql-query"
        )
    named = next((values[name] for name in FORMAT if name in values), [])
    results, graphs = _formats(request.header("accept"), named)
    # Files saved on Windows begin with a byte order mark, which clients send along.
    text = sparql[0].removeprefix("\ufeff")
    return Ask(
        text, _dataset(values), results, graphs, _timeout(values), _id(request, values), _sources(values)
    )


def read_graph(request: Request) -> Ask:
    """Return what a read of the Graph Store Protocol (§5.2) asks: ``?default``, or ``?graph=`` and an IRI.

    Raises Problem where it names none or several.
    """
    arguments = request.arguments()
    names = [value for name, value in arguments if name == "graph"]
    default = any(name == "default" for name, _ in arguments)
    if len(names) + default != 1:
        raise _bad("name one graph", "ask for ?default or for ?graph= and the graph's IRI, encoded")
    format = choose(request.header("accept"), GRAPH_FORMATS)
    return Ask(_WHOLE_GRAPH, Dataset((names[0],)) if names else None, None, format, None, None)


def _body(request: Request) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the parameters of a form body; a body of application/sparql-query is the parameter ``query``."""
    media, _, parameters = (request.header("content-type") or "").partition(";")
    media = media.strip().lower()
    if media == UPDATE:
        raise _update()
    if media not in (FORM, DIRECT):
        raise Problem(
            415,
            "media-type",
            "The body is of a type that is not read here",
            detail=f"the body is {media or 'of no stated type'}",
            hint=f"POST a query as {DIRECT}, or as {FORM} in the parameter query",
            headers={"Accept": f"{DIRECT}, {FORM}", "Accept-Post": f"{DIRECT}, {FORM}"},
        )
    coding = (request.header("content-encoding") or "identity").strip().lower()
    if coding != "identity":
        raise Problem(
            415,
            "body-coding",
            "The body is coded in a way that is not read here",
            detail=f"Content-Encoding: {coding}",
            hint="send the query as it is",
            headers={"Accept-Encoding": "identity"},
        )
    charset = parameters.lower().partition("charset=")[2].partition(";")[0].strip(' "')
    try:
        text = request.body.decode("utf-8")
    except UnicodeDecodeError:
        raise _bad("the body is not UTF-8", "encode it as UTF-8") from None
    if charset not in ("", "utf-8", "utf8") and not (_ASCII_ALIKE.fullmatch(charset) and text.isascii()):
        raise _bad(f"the body's charset is {charset}", "encode it as UTF-8")
    if media == DIRECT:
        return [text], []
    try:
        return [], pairs(text)
    except UsageError as error:
        raise _bad(error.message, error.hint) from None


def _dataset(values: dict[str, list[str]]) -> Dataset | None:
    default, named = values.get("default-graph-uri", []), values.get("named-graph-uri", [])
    return Dataset(tuple(default), tuple(named)) if default or named else None


def _timeout(values: dict[str, list[str]]) -> float | None:
    given = values.get("timeout")
    if not given:
        return None
    try:
        seconds = float(given[0])
    except ValueError:
        seconds = -1
    if not 0 < seconds < 1e6:
        raise _bad(f"timeout={given[0]} is no number of seconds", "send for instance timeout=5")
    return seconds


def _sources(values: dict[str, list[str]]) -> str:
    given = values.get("sources", ["0"])[0]
    if given not in ("0", "1", DEEP):
        raise _bad(
            f"sources={given} is none of 0, 1 and {DEEP}", "send sources=1 for an answer with its sources"
        )
    return given.removeprefix("0")


def _id(request: Request, values: dict[str, list[str]]) -> str | None:
    """The id by which the owner can stop the query: a secret of the client's own making."""
    id = request.header("query-id") or next(iter(values.get("query-id", [])), None)
    if id is None:
        return None
    if not (16 <= len(id) <= 100 and id.isascii() and all(c.isalnum() or c in "-_" for c in id)):
        raise _bad(
            "the query id is not of 16 to 100 letters, digits, - and _",
            "make a random one, a UUID for instance: who knows it can stop the query",
        )
    return id


def _formats(accept: str | None, wanted: list[str]) -> tuple[Format | None, Format | None]:
    """Choose a format for rows and one for graphs, by parameter or else by Accept."""
    if not wanted:
        return _accepted(accept)
    rows, graph = called(wanted[0])
    if rows is None and graph is None:
        raise _bad(f"no format is called {wanted[0]!r}", f"there are {', '.join(BY_NAME)}")
    return rows, graph


@lru_cache(maxsize=1024)
def _accepted(accept: str | None) -> tuple[Format | None, Format | None]:
    return choose(accept, RESULT_FORMATS), choose(accept, GRAPH_FORMATS)


def _bad(detail: str, hint: str | None) -> Problem:
    return Problem(400, "bad-request", "The request can't be read", detail=detail, hint=hint)


def _update() -> Problem:
    return Problem(
        403,
        "update-refused",
        "Updates are refused",
        detail="this endpoint answers queries only; its releases never change",
        hint="ask with SELECT, ASK, CONSTRUCT or DESCRIBE",
    )
