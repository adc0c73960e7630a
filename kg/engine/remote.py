"""The remote engine: any SPARQL 1.1 endpoint, asked through SPARQLWrapper.

SPARQLWrapper makes the requests of the protocol. Added here: one deadline for the whole answer, a bound on
its bytes, http and https only (redirects too), retries where the peer is busy, and errors of ours. What a
reply says is read by `kg.engine.replies`.
"""

from __future__ import annotations

import contextlib
import http.client
import random
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO
from urllib.parse import urlsplit

from SPARQLWrapper import POST, SPARQLWrapper

from kg.engine.base import Dataset, Engine, Result
from kg.engine.door import Admitted
from kg.engine.local import syntax_error
from kg.engine.peers import cut_short, quirks_of
from kg.engine.replies import read
from kg.errors import EndpointError, EngineBusy, QueryError, QueryLimit, QueryRefused, UsageError
from kg.settings import LIMITS
from kg.sparql.bind import load
from kg.sparql.checking.analysis import analyse
from kg.sparql.rewriting.one_dataset import names_graphs, within

_ACCEPT_ROWS = "application/sparql-results+json, application/sparql-results+xml;q=0.9"
_ACCEPT_GRAPH = "application/n-triples, text/turtle;q=0.9, application/rdf+xml;q=0.5"
_TRIES = 4
_CHUNK = 256 * 1024
_SCHEMES = ("http", "https")
# "many-headers": the standard library reads a hundred, and can't be told otherwise.
http.client._MAXHEADERS = 10_000  # type: ignore[attr-defined] # not in its published types


class RemoteEngine(Engine):
    """Answers from another server's endpoint.

    ``auth`` is ``user:password`` or empty; ``timeout`` (s) bounds a query with all its retries; ``limit``
    (bytes) bounds an answer. Where the peer's own default graph isn't the merge ("union-default"),
    ``default_graph`` is the graph that holds it, and the IRIs of the release's other graphs begin with
    ``graphs_under``.
    """

    def __init__(
        self,
        url: str,
        *,
        auth: str = "",
        timeout: float = 30.0,
        limit: int = 256 * 1000 * 1000,
        default_graph: str | None = None,
        graphs_under: str = "",
    ) -> None:
        if urlsplit(url).scheme not in _SCHEMES or not urlsplit(url).hostname:
            raise UsageError(f"{url!r} is no endpoint's address", hint="it begins with http:// or https://")
        self.url, self.timeout, self.limit = url, timeout, limit
        self.default_graph, self.graphs_under = default_graph, graphs_under
        self._graphs: tuple[str, ...] | None = None
        self.user, _, self.password = auth.partition(":")
        self.name = f"SPARQL endpoint {_without_secrets(url)}"
        self.quirks: frozenset[str] | None = None
        self._opener = urllib.request.build_opener(_OnlyHttp())

    def query(
        self,
        sparql: str | Admitted,
        *,
        dataset: Dataset | None = None,
        base_iri: str | None = None,
        timeout: float | None = None,
    ) -> Result:
        """Answer a query; see `Engine.query`.

        ``timeout`` may shorten the engine's own. Raises QueryLimit when the time or the bytes are over,
        EngineBusy when the peer stays busy, and EndpointError for every reply that is not a whole answer.
        """
        deadline = time.monotonic() + min(timeout or self.timeout, self.timeout)
        sparql = sparql if isinstance(sparql, str) else sparql.order.sparql
        form = analyse(sparql).form
        if dataset is None and self.default_graph:
            sparql, dataset = self._own_dataset(sparql, Dataset((self.default_graph,)))
        text = f"BASE <{base_iri}>\n{sparql}" if base_iri else sparql
        request = self._request(text, form, dataset)
        for attempt in range(_TRIES):
            try:
                headers, body = self._ask(request, deadline)
                return read(form, headers, body)
            except EngineBusy as busy:
                pause = min(busy.retry_after, 5) if attempt else 0.2
                pause *= random.uniform(0.8, 1.3) * 1.5**attempt  # noqa: S311 - so that many clients don't come at once
                if attempt == _TRIES - 1 or time.monotonic() + pause > deadline:
                    raise
                time.sleep(pause)
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Do nothing: no connection is kept."""

    def _request(self, sparql: str, form: str, dataset: Dataset | None) -> _Wrapper:
        wrapper = _Wrapper(self.url, agent="linli")
        wrapper.form = form or "SELECT"
        wrapper.setQuery(sparql)
        # Always by POST: a query may be longer than a URL, and queries in URLs end in other people's logs.
        wrapper.setMethod(POST)
        if self.user:
            wrapper.setCredentials(self.user, self.password)
        for iri in dataset.default if dataset else ():
            wrapper.addParameter("default-graph-uri", iri)
        for iri in dataset.named if dataset else ():
            wrapper.addParameter("named-graph-uri", iri)
        return wrapper

    def _own_dataset(self, sparql: str, merge: Dataset) -> tuple[str, Dataset]:
        """Return a query without dataset, and the dataset for it: ``merge`` and the release's graphs."""
        if not names_graphs(sparql):
            return sparql, merge
        if self.quirks is None:
            self.query("ASK {}", dataset=merge)  # its headers tell which server it is
        if self.graphs_under and "names-slowly" in (self.quirks or ()):
            bounded = within(sparql, self.graphs_under)
            if bounded is not None:
                return bounded, merge
        return sparql, Dataset(merge.default, self._named_graphs())

    def _named_graphs(self) -> tuple[str, ...]:
        """Return the peer's graphs that belong to the release, without the merge; asked for once."""
        if self._graphs is None:
            everywhere = Dataset()
            rows = self.query(load("kg/engine/named-graphs"), dataset=everywhere).rows
            names = sorted(str(getattr(row[0], "value", "")) for row in rows)
            self._graphs = tuple(
                name for name in names if name.startswith(self.graphs_under) and name != self.default_graph
            )
        return self._graphs

    def _ask(self, wrapper: _Wrapper, deadline: float) -> tuple[Mapping[str, str], bytes]:
        """Send a request once; return the reply's headers and body."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise self._too_long()
        try:
            with self._opener.open(wrapper.request(), timeout=left) as reply:
                self.quirks = quirks_of(reply.headers)
                body = self._body(reply, deadline)
                cut_short(reply.headers)
                return reply.headers, body
        except urllib.error.HTTPError as error:
            with contextlib.closing(error):
                raise self._peer_error(error) from None
        except TimeoutError:
            raise self._too_long() from None
        except (OSError, HTTPException) as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, TimeoutError):
                raise self._too_long() from None
            raise EndpointError(
                f"the endpoint {_without_secrets(self.url)} can't be reached: {reason}",
                hint="whoever runs this: start it, or mend its address (--endpoint); nothing else is needed",
            ) from None

    def _body(self, reply: HTTPResponse, deadline: float) -> bytes:
        parts: list[bytes] = []
        size = 0
        while chunk := reply.read1(_CHUNK):
            parts.append(chunk)
            size += len(chunk)
            if size > self.limit:
                raise LIMITS["result_size"].ended(
                    f"the endpoint's answer has more than {self.limit // 1_000_000} MB"
                )
            if time.monotonic() > deadline:
                raise self._too_long()
        told = reply.headers.get("Content-Length")
        if told is not None and told.isdigit() and int(told) != size:
            raise EndpointError(f"the endpoint's answer broke off after {size} of {told} bytes")
        return b"".join(parts)

    def _too_long(self) -> QueryLimit:
        return LIMITS["query_timeout"].ended(f"the endpoint did not answer within {self.timeout:g} s")

    def _peer_error(self, error: urllib.error.HTTPError) -> QueryError:
        """Return the peer's HTTP error as ours."""
        said = _excerpt(error)
        match error.code:
            case 400:
                return syntax_error(f"the endpoint refused the query: {said}")
            case 401 | 403 | 407:
                return QueryRefused(
                    f"the endpoint refused ({error.code}): {said}",
                    limit="peer",
                    hint="is KG_ENDPOINT_AUTH right?",
                )
            case 408 | 504:
                return LIMITS["query_timeout"].ended(f"the endpoint took too long: {said}")
            case 429 | 503:
                after = error.headers.get("Retry-After", "1")
                return EngineBusy(
                    f"the endpoint is busy: {said}", retry_after=int(after) if after.isdigit() else 1
                )
            case _:
                return EndpointError(f"the endpoint answered {error.code}: {said}")


class _Wrapper(SPARQLWrapper):
    """SPARQLWrapper, but told the query's form and what we can read, where it would guess both."""

    form = "SELECT"

    def _parseQueryType(self, query: str) -> str:  # noqa: N802, ARG002 - SPARQLWrapper's own name
        return self.form

    def _getAcceptHeader(self) -> str:  # noqa: N802
        return _ACCEPT_GRAPH if self.form in ("CONSTRUCT", "DESCRIBE") else _ACCEPT_ROWS

    def request(self) -> urllib.request.Request:
        """Return the request, with its password withheld from wherever a redirect leads."""
        request: urllib.request.Request = self._createRequest()
        secret = request.get_header("Authorization")
        if secret:
            request.remove_header("Authorization")
            request.add_unredirected_header("Authorization", secret)
        return request

    def _getRequestEncodedParameters(self, query: tuple[str, str] | None = None) -> str:  # noqa: N802
        """Return only the protocol's own parameters: SPARQLWrapper adds several guesses of ``format``."""
        self.onlyConneg = True
        return str(super()._getRequestEncodedParameters(query))


class _OnlyHttp(urllib.request.HTTPRedirectHandler):
    """Follows redirects to http and https alone."""

    def redirect_request(  # noqa: PLR0917 - the standard library's signature
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Refuse other schemes. Raises EndpointError."""
        if urlsplit(newurl).scheme not in _SCHEMES:
            raise EndpointError("the endpoint redirects to an address that is neither http nor https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _excerpt(error: urllib.error.HTTPError) -> str:
    """The first line of what the peer said, short, and without control characters."""
    try:
        text = error.read(4096).decode("utf-8", "replace")
    except (OSError, HTTPException):
        text = ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    first = next((line for line in lines if not line.startswith("<")), "") or str(error.reason)
    return "".join(c for c in first if c.isprintable())[:300]


def _without_secrets(url: str) -> str:
    """An address without user and password, for messages."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts._replace(
        netloc=host + (f":{parts.port}" if parts.port else ""), query="", fragment=""
    ).geturl()
