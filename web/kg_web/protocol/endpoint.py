"""The SPARQL endpoint: takes a `Request`, returns a whole `Response`, without a web framework."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from kg.engine import Dataset, Result
from kg.engine.answers.spool import Written
from kg.engine.door import Policy, admit
from kg.engine.pool.jobs import Job, Sourcing
from kg.engine.pool.pooled import read_written
from kg.errors import QueryRefused
from kg.mediatypes import BY_NAME, GRAPH_FORMATS, Format, choose, prefers_page
from kg.settings import LIMITS
from kg.sparql.checking.analysis import Analysis
from kg.sparql.checking.guard import Limits
from kg.sparql.explaining.hints import Hint
from kg_web.protocol import coding, sourced
from kg_web.protocol.ask import DEEP, METHODS, Ask, read, read_graph
from kg_web.protocol.cache import WORTH_SECONDS, Cache, Entry, key
from kg_web.protocol.choice import check_acceptable, fitting, from_a_browser, matches, not_acceptable
from kg_web.protocol.hints.teach import Teacher
from kg_web.protocol.message import Request, Response
from kg_web.protocol.origins import CORS, preflight
from kg_web.protocol.problem import Problem, plain, problem_of, respond, wants_page

log = logging.getLogger("kg_web.protocol.endpoint")

_LONG = 4096
"""Characters from which reading a query is left to a thread, so that others are not held up."""


@dataclass
class Endpoint:
    """What one endpoint answers from.

    ``answer`` runs a job; ``policy`` says which texts are admitted, and how; ``engine`` is the engine's name
    and ``digest`` the release's; ``describe`` writes the service description; ``page`` writes a problem for a
    browser; ``stop`` stops a query by its id in whichever process it runs; ``spool`` is a folder for large
    answers; ``sourcing`` says how sources are told, deep or not.
    """

    answer: Callable[[Job], Awaitable[Written]]
    policy: Policy
    engine: str
    digest: str
    spool: Path
    describe: Callable[[Format], bytes]
    remote: bool = False
    cache: Cache | None = None
    teacher: Teacher = field(default_factory=Teacher)
    page: Callable[[Problem, Request], bytes] | None = None
    stop: Callable[[str], Awaitable[bool]] | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    sourcing: Callable[[bool], Sourcing] = lambda deep: Sourcing(deep=deep)

    @property
    def limits(self) -> Limits:
        """What a query's text may be."""
        return self.policy.limits or Limits()

    async def respond(self, request: Request) -> Response:
        """Answer any request under the endpoint's path; never raises."""
        ask: list[Ask] = []
        try:
            response = await self._route(request, ask)
        except Exception as error:  # any failure becomes a problem document
            problem = problem_of(error)
            if problem.status == 500:
                log.error("a query failed", exc_info=error)
            if ask:
                self.teacher.explain(problem, ask[0].sparql, error)
            response = await self._write_problem(problem, request)
        for name, value in CORS.items():
            response.headers.setdefault(name, value)
        return response

    @property
    def base_iri(self) -> str | None:
        """What resolves relative IRIs."""
        return self.policy.base_iri

    async def _route(self, request: Request, seen: list[Ask]) -> Response:
        rest = request.path.removeprefix("/sparql").rstrip("/")
        if request.method == "OPTIONS":
            return Response(204, {"Allow": _allowed(rest), **preflight(_allowed(rest))})
        if request.method not in _allowed(rest).split(", "):
            raise Problem(
                405,
                "method",
                "The method is not allowed here",
                detail=f"{request.method} is not answered here",
                hint=f"use {_allowed(rest)}",
                headers={"Allow": _allowed(rest)},
            )
        if rest.startswith("/queries/"):
            return await self._stop(rest.removeprefix("/queries/"))
        if rest == "/graphs":
            return await self._graph(request)
        if rest:
            raise plain(404, "there is nothing at this address")
        ask = read(request)
        if ask is None:
            return self._bare(request)
        seen.append(ask)
        if from_a_browser(request):
            return _to_the_query_page(request)
        return await self._query(request, ask)

    # Queries

    async def _query(self, request: Request, ask: Ask) -> Response:
        if len(ask.sparql) < _LONG:
            asked = admit(ask.sparql, self.policy)
        else:
            asked = await asyncio.to_thread(admit, ask.sparql, self.policy)
        found = asked.found
        if request.path == "/sparql" and from_a_browser(request, found.form):
            return _to_the_query_page(request)
        self._check_dataset(ask.dataset)
        check_acceptable(found, ask)
        wanted = coding.choose(request.header("accept-encoding"))
        name = None if found.changing else self._name(found, ask, wanted)
        etag = f'"{name}"'
        if name is not None:
            if matches(request.header("if-none-match"), etag):
                return Response(304, {"ETag": etag, **CACHING})
            kept = self.cache.get(name) if self.cache is not None else None
            if kept is not None:
                told = [Hint(one["id"], tuple(map(tuple, one["values"]))) for one in kept.facts["hints"]]
                return self._tell(_from_cache(kept, etag), told, request)
        job = Job(
            asked,
            results_format=ask.results_format.name if ask.results_format else None,
            graph_format=ask.graph_format.name if ask.graph_format else None,
            dataset=ask.dataset,
            base_iri=self.base_iri,
            client=request.client,
            id=ask.id,
            timeout=ask.timeout,
            sourcing=self.sourcing(ask.sources == DEEP) if ask.sources else None,
        )
        written = await sourced.answer(self.answer, job, remote=self.remote)
        looked_for = () if ask.sources else await self._hints(ask, job, written)
        hints = [*asked.hints, *looked_for]
        response = self.response(written, *await coding.coded(written, wanted, self.spool))
        self._tell(response, hints, request)
        if name is not None and not sourced.is_lost(written):
            response.headers["ETag"] = etag
            response.headers.update(CACHING)
            if self.cache is not None and written.seconds >= WORTH_SECONDS:
                facts = {
                    "headers": response.headers,
                    "rows": written.rows,
                    "hints": [vars(one) for one in hints],
                }
                self.cache.put(name, facts, response.body, response.length)
        else:
            response.headers["Cache-Control"] = "no-store"
        return response

    async def _hints(self, ask: Ask, job: Job, written: Written) -> tuple[Hint, ...]:
        """Look for hints on an answer, by queries that run like the client's own."""

        async def asked(sparql: str) -> Result:
            admitted = admit(sparql, self.policy)
            small = replace(job, asked=admitted, results_format="json", id=None, timeout=1.0)
            return read_written(await self.answer(small))

        dataset = (*ask.dataset.default, "", *ask.dataset.named) if ask.dataset else ()
        return await self.teacher.hinter.hints(
            ask.sparql, written, asked, base_iri=self.base_iri, dataset=dataset
        )

    def _tell(self, response: Response, hints: Sequence[Hint], request: Request) -> Response:
        """Add to a response hints for the query's author, in a header; return it."""
        if hints:
            language = request.header("accept-language") or ""
            response.headers["Query-Hint"] = self.teacher.header(hints, language)
        return response

    def _name(self, found: Analysis, ask: Ask, wanted: str) -> str:
        """Return the name of an answer, a digest of all that its bytes depend on."""
        return self.named(
            found.normal, ask.dataset, *fitting(found, ask), wanted, *sourced.named(ask.sources)
        )

    def named(
        self, normal: str, dataset: Dataset | None, rows: str, graph: str, wanted: str, *more: str
    ) -> str:
        """Return what names the answer to a query, given in its normal form, in these formats and coding."""
        return key(
            self.digest,
            self.engine,
            normal,
            "\n".join(dataset.default) if dataset else "\t",
            "\n".join(dataset.named) if dataset else "\t",
            rows,
            graph,
            self.base_iri or "",
            wanted,
            *more,
        )

    def response(self, written: Written, body: bytes | Path, sha256: str, coded: str) -> Response:
        """Return the response with an answer, its ``body`` coded so; ``sha256`` in hex."""
        headers = {
            "Content-Type": BY_NAME[written.format].content_type,
            "Vary": "Accept, Accept-Encoding",
            "Row-Count": str(written.rows),
            "Server-Timing": f"query;dur={written.seconds * 1000:.2f}",
            "X-Content-Type-Options": "nosniff",
            **sourced.headers(written),
            **self.extra,
        }
        if coded != "identity":
            headers["Content-Encoding"] = coded
        headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"
        return Response(
            200, headers, body, delete=isinstance(body, Path), rows=written.rows, seconds=written.seconds
        )

    def _check_dataset(self, dataset: Dataset | None) -> None:
        """Refuse a graph that the dataset doesn't have: an empty answer would be misleading."""
        for iri in (*dataset.default, *dataset.named) if dataset else ():
            if iri not in self.limits.graphs and not self.limits.known(iri):
                raise QueryRefused(
                    f"the dataset has no graph {iri}",
                    limit=LIMITS["from_allow"].variable,
                    hint="see GRAPH ?g { } for those it has",
                )

    # The rest of the protocol

    def _bare(self, request: Request) -> Response:
        """Answer a GET without a query: the service description, or the query page for a browser."""
        accept = request.header("accept")
        format = choose(accept, GRAPH_FORMATS)
        if prefers_page(accept, GRAPH_FORMATS):
            return Response(303, {"Location": "/query", "Vary": "Accept"})
        if format is None:
            raise not_acceptable("graph")
        body = self.describe(format)
        return Response(200, {"Content-Type": format.content_type, "Vary": "Accept", **CACHING}, body)

    async def _graph(self, request: Request) -> Response:
        """Answer a read of the Graph Store Protocol (§5.2): ``?default`` or ``?graph=``."""
        ask = read_graph(request)
        for iri in ask.dataset.default if ask.dataset else ():
            if not self.limits.known(iri):
                raise plain(404, f"the dataset has no graph {iri}")
        return await self._query(request, ask)

    async def _stop(self, id: str) -> Response:
        """Stop a running query for whoever knows its id."""
        if self.stop is not None and await self.stop(id):
            return Response(204)
        raise plain(
            404, "no query with this id is running", "the id is what was sent as Query-Id with the query"
        )

    # Problems

    async def _write_problem(self, problem: Problem, request: Request) -> Response:
        if self.page is not None and wants_page(request.header("accept")):
            headers = {
                "Content-Type": "text/html; charset=utf-8",
                "Vary": "Accept",
                "Cache-Control": "no-store",
            }
            body = await asyncio.to_thread(self.page, problem, request)
            return Response(problem.status, {**headers, **problem.headers}, body)
        return respond(problem, request)


CACHING = {"Cache-Control": "public, no-cache", "Vary": "Accept, Accept-Encoding"}
"""An answer may be kept, but asked for again with its ETag: the next release answers otherwise."""


def _to_the_query_page(request: Request) -> Response:
    return Response(303, {"Location": f"/query?{request.query}", "Vary": "Accept"})


def _allowed(rest: str) -> str:
    if rest.startswith("/queries/"):
        return "DELETE, OPTIONS"
    return "GET, HEAD, OPTIONS" if rest == "/graphs" else METHODS


def _from_cache(entry: Entry, etag: str) -> Response:
    headers = dict(entry.facts["headers"])
    headers["ETag"] = etag
    headers["Server-Timing"] = "cache"
    return Response(200, headers, entry.read(), rows=entry.facts["rows"], seconds=0.0)
