"""What a client gets for what it says that it takes: rule by rule, at the endpoint without a server."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest

from kg.engine.answers.spool import Written
from kg.engine.door import Policy
from kg.engine.local import LocalEngine
from kg.engine.pool.jobs import Job
from kg.engine.quirks import of
from kg.mediatypes import CSV, RESULT_FORMATS, choose
from kg.sparql.checking.guard import Limits
from kg_web.protocol import coding
from kg_web.protocol.cache import Cache
from kg_web.protocol.choice import matches
from kg_web.protocol.endpoint import Endpoint
from kg_web.protocol.in_process import answer_with
from kg_web.protocol.message import Request, Response

JSON, FORM = "application/sparql-results+json", "application/x-www-form-urlencoded"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
MANY = 'SELECT * { VALUES ?x { "' + '" "'.join(f"a value, number {n}" for n in range(99)) + '" } }'

Asks = Callable[..., Response]


class Counted:
    """An engine's answers, counted, each as if it had taken a second: so it is worth to be kept."""

    def __init__(self) -> None:
        self.count = 0
        self._answer = answer_with(LocalEngine(ox.Store()), {})

    async def __call__(self, job: Job) -> Written:
        self.count += 1
        return replace(await self._answer(job), seconds=1.0)


def endpoint(folder: Path, base: str = "http://e/", **more: Any) -> Endpoint:
    known: dict[str, Any] = {"answer": Counted(), "engine": "an engine 1.0", "digest": "d1", **more}
    policy = Policy(Limits(), of(), base)
    return Endpoint(policy=policy, spool=folder, describe=lambda _: b"a description", **known)


def asked(of: Endpoint, query: str = "SELECT (1 AS ?x) {}", method: str = "GET", **headers: str) -> Response:
    """Ask an endpoint; ``query`` is SPARQL, or all parameters where it has a ``query=`` in front."""
    pairs = query if query.startswith("query=") else urlencode({"query": query})
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if method == "POST":
        request = Request("POST", "/sparql", "", {"content-type": FORM, **named}, pairs.encode())
    else:
        request = Request(method, "/sparql", pairs, named)
    return asyncio.run(of.respond(request))


@pytest.mark.parametrize(
    ("header", "right"),
    [
        (None, False),
        ('"t"', True),
        ('W/"t"', True),  # RFC 9110 §13.1.2: compared weakly
        ('"other", "t"', True),
        ("*", True),
        ('"T"', False),
        ("t", False),
    ],
)
def test_if_none_match(header: str | None, right: bool) -> None:
    assert matches(header, '"t"') == right


@pytest.mark.parametrize(
    ("header", "right"),
    [
        (None, "identity"),
        ("*", "zstd"),  # RFC 9110 §12.5.3: whatever isn't named
        ("*;q=0", "identity"),
        ("zstd;q=0, *", "gzip"),
        ("gzip;q=0.5, zstd;q=0.4", "gzip"),
        ("gzip;q=0.5, identity;q=0.9", "identity"),
        ("GZIP", "gzip"),
        ("gzip;q=much", "identity"),
        ("gzip;q=2", "identity"),
        ("br", "identity"),
    ],
)
def test_accept_encoding(header: str | None, right: str) -> None:
    assert coding.choose(header) == right


def test_media_types_have_no_case() -> None:
    assert choose("Text/CSV", RESULT_FORMATS) is CSV


def test_a_browser_that_opens_an_address_is_led_to_the_page_and_caches_know_why(tmp_path: Path) -> None:
    led = asked(endpoint(tmp_path), accept=BROWSER)
    assert (led.status, led.headers["Vary"]) == (303, "Accept")


@pytest.mark.parametrize("name", ["format", "output", "results"])
def test_a_browser_that_names_a_format_gets_it(tmp_path: Path, name: str) -> None:
    got = asked(endpoint(tmp_path), f"query=ASK%7B%7D&{name}=csv", accept=BROWSER)
    assert (got.status, got.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")


def test_what_a_browser_posts_is_answered(tmp_path: Path) -> None:
    """A page's script or form sent it: led elsewhere, its query would be lost."""
    got = asked(endpoint(tmp_path), method="POST", accept=BROWSER)
    assert (got.status, got.headers["Content-Type"]) == (200, "application/sparql-results+xml")


def test_no_change_is_said_with_what_the_answer_itself_would_say_of_keeping(tmp_path: Path) -> None:
    """RFC 9110 §15.4.5: a cache takes these from the 304."""
    of = endpoint(tmp_path)
    first = asked(of, accept=JSON)
    again = asked(of, accept=JSON, if_none_match=first.headers["ETag"])
    assert again.status == 304
    assert not again.body
    for name in ("ETag", "Cache-Control", "Vary"):
        assert again.headers[name] == first.headers[name]


@pytest.mark.parametrize("other", [{"engine": "an engine 1.1"}, {"digest": "d2"}, {"base": "http://f/"}])
def test_what_answers_depend_on_is_in_their_tag(tmp_path: Path, other: dict[str, str]) -> None:
    first = asked(endpoint(tmp_path), accept=JSON).headers["ETag"]
    assert asked(endpoint(tmp_path), accept=JSON).headers["ETag"] == first
    assert asked(endpoint(tmp_path, **other), accept=JSON).headers["ETag"] != first


def test_a_format_that_the_answer_can_t_have_is_not_in_its_tag(tmp_path: Path) -> None:
    of = endpoint(tmp_path)
    rows = {asked(of, accept=f"{JSON}{more}").headers["ETag"] for more in ("", ", text/turtle;q=0.5")}
    graph = "CONSTRUCT { <x:a> <x:b> 1 } {}"
    graphs = {asked(of, graph, accept=f"text/turtle{more}").headers["ETag"] for more in ("", ", text/csv")}
    assert (len(rows), len(graphs)) == (1, 1)


@pytest.mark.parametrize(
    ("query", "accept"),
    [("SELECT (1 AS ?x) {}", "text/turtle"), ("ASK {}", "image/png"), ("DESCRIBE <x:a>", "text/csv")],
)
def test_what_can_t_be_accepted_is_said_before_the_engine_works(
    tmp_path: Path, query: str, accept: str
) -> None:
    answer = Counted()
    assert asked(endpoint(tmp_path, answer=answer), query, accept=accept).status == 406
    assert answer.count == 0


def test_an_answer_kept_in_a_coding_still_says_so(tmp_path: Path) -> None:
    answer = Counted()
    of = endpoint(tmp_path, answer=answer, cache=Cache(tmp_path / "kept", 10**6))
    first, again = (asked(of, MANY, accept=JSON, accept_encoding="gzip") for _ in range(2))
    plain = asked(of, MANY, accept=JSON)
    assert again.headers["Server-Timing"] == "cache"
    assert again.headers["Content-Encoding"] == first.headers["Content-Encoding"] == "gzip"
    assert isinstance(again.body, bytes)
    assert gzip.decompress(again.body) == plain.body
    assert "Content-Encoding" not in plain.headers
    assert answer.count == 2


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, "application/problem+json"),
        ("*/*", "application/problem+json"),
        ("text/*", "application/problem+json"),  # a wildcard means programs
        ("text/plain, */*;q=0.1", "text/plain; charset=utf-8"),
    ],
)
def test_a_problem_is_text_for_who_names_text(tmp_path: Path, accept: str | None, media: str) -> None:
    got = asked(endpoint(tmp_path), "ASK {", **({} if accept is None else {"accept": accept}))
    assert (got.status, got.headers["Content-Type"], got.headers["Vary"]) == (400, media, "Accept")
    assert media.startswith("text") or json.loads(bytes(got.body))["code"] == "query-syntax"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("", "GET, HEAD, POST, OPTIONS"),
        ("/graphs", "GET, HEAD, OPTIONS"),
        ("/queries/0123456789abcdef", "DELETE, OPTIONS"),
    ],
)
def test_each_address_says_which_methods_it_has(tmp_path: Path, path: str, allowed: str) -> None:
    of = endpoint(tmp_path)
    told = asyncio.run(of.respond(Request("OPTIONS", f"/sparql{path}")))
    assert (told.status, told.headers["Allow"]) == (204, allowed)
    assert told.headers["Access-Control-Allow-Methods"] == allowed
    for method in {"GET", "POST", "PUT", "DELETE"} - set(allowed.split(", ")):
        refused = asyncio.run(of.respond(Request(method, f"/sparql{path}")))
        assert (refused.status, refused.headers["Allow"]) == (405, allowed)
