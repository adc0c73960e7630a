"""Whose request it is: on the address fairness, rates and the log rest, so nobody may choose it."""

from __future__ import annotations

from typing import Any

import pytest

from kg_web.delivery.rate import Rate
from kg_web.server.http.bridge import _environ
from kg_web.server.http.state import State

PEER = ("192.0.2.1", 40000)


def client(proxies: int, forwarded: str | None, peer: tuple[str, int] | None = PEER) -> str:
    state = State(timeout=1, proxies=proxies)
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    return state.client({"client": peer}, headers)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "right"),
    [
        (0, "203.0.113.9", "192.0.2.1"),  # no proxy is declared: whatever a client says is nothing
        (1, None, "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.7, 203.0.113.9", "203.0.113.9"),  # the first hop is what the client wrote itself
        (2, "198.51.100.7, 203.0.113.9, 192.0.2.200", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1"),  # fewer hops than proxies: not all of it passed them
        (1, " 198.51.100.7 ,, 203.0.113.9 , ", "203.0.113.9"),
    ],
)
def test_the_address_is_the_one_that_the_outermost_proxy_saw(
    proxies: int, forwarded: str | None, right: str
) -> None:
    assert client(proxies, forwarded) == right


def test_without_a_connection_s_address_there_is_none() -> None:
    assert client(0, "203.0.113.9", None) == ""


def environ(*headers: tuple[bytes, bytes]) -> dict[str, Any]:
    scope = {
        "method": "GET", "path": "/", "query_string": b"", "http_version": "1.1", "headers": list(headers),
    }  # fmt: skip
    return _environ(scope, b"", "192.0.2.1")


def test_a_header_with_an_underscore_does_not_reach_the_pages() -> None:
    """To WSGI ``X_Forwarded_For`` and ``X-Forwarded-For`` are one name, and proxies mend only one."""
    found = environ(
        (b"x_forwarded_for", b"198.51.100.7"), (b"x-forwarded_for", b"a"), (b"accept", b"text/html")
    )
    assert {name for name in found if name.startswith("HTTP_")} == {"HTTP_ACCEPT"}
    both = environ((b"x-forwarded-for", b"203.0.113.9"), (b"x_forwarded_for", b"198.51.100.7"))
    assert both["HTTP_X_FORWARDED_FOR"] == "203.0.113.9"


def test_the_length_of_a_body_is_what_was_read() -> None:
    assert environ((b"content-length", b"999"))["CONTENT_LENGTH"] == "0"


def test_an_hour_s_rate_counts_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("kg_web.delivery.rate.time.monotonic", lambda: now)
    rate = Rate()
    assert [rate.wait("a", 2), rate.wait("a", 2)] == [0, 0]
    now += 60
    assert rate.wait("a", 2) == 3600 - 60 + 1, "a minute later it is still the same hour"
    assert rate.wait("b", 2) == 0, "another client's is its own"
    now += 3600 - 60 - 1
    assert rate.wait("a", 2) > 0
    now += 1
    assert [rate.wait("a", 2), rate.wait("a", 2)] == [0, 0]
    assert rate.wait("a", 2) > 0
