"""Settings: one frozen object, and the only reader of ``os.environ``.

Each field is a setting; its environment variable is ``KG_`` and the field's name in capitals. A flag of the
same name overrides the variable, the variable the default. ``docs/settings.md`` is made from this module
and a test compares them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from kg.limits import Exceeded, Limit, busy
from kg.values import check, parse


def _setting(
    default: Any,
    unit: str,
    meaning: str,
    exceeded: Exceeded | None = None,
    *,
    low: float = 0,
    high: float = float("inf"),
) -> Any:
    """Declare a setting; if ``exceeded`` says what happens beyond its value, it is a limit."""
    told = {"unit": unit, "meaning": meaning, "low": low, "high": high, "exceeded": exceeded}
    return field(default=default, metadata=told)


_DOOR, _POOL, _PROCESS = "the door", "the pool", "the query process"
_SERVER, _CITATIONS = "the server", "the citations"


@dataclass(frozen=True)
class Settings:
    """What a deployment can choose. Times are in seconds, sizes in the unit that each field names."""

    host: str = _setting("127.0.0.1", "address", "where the server listens")
    port: int = _setting(8000, "port", "where the server listens", low=0, high=65535)
    workers: int = _setting(2, "processes", "server processes", low=1, high=256)
    releases: Path = _setting(  # noqa: RUF009 - it is a field()
        Path("releases"), "folder", "where releases are written and found"
    )
    public_url: str = _setting(
        "", "URL", "the address the public sees, when a proxy stands before the server"
    )
    query_timeout: float = _setting(
        30.0,
        "s",
        "how long a query may run",
        Exceeded(
            _POOL,
            504,
            "query-timeout",
            "The query took too long",
            "the query ran longer than {allowed:g} s",
            "ask for less: fix a subject or a class, bound a path at an end, add LIMIT, or split it",
            advice="Name a class or a thing in the patterns, join them by shared variables, or add a LIMIT.",
            described=True,
        ),
        low=0.01,
    )
    query_memory: int = _setting(
        1024,
        "MB",
        "how much memory a query may take",
        Exceeded(
            _POOL,
            507,
            "query-memory",
            "The query took too much memory",
            "the query took more than {allowed} MB of memory",
            "ask for less: sorting, DISTINCT, GROUP BY and cross products hold their rows in memory",
            advice="Ask for fewer variables, add a LIMIT to a subquery, or narrow the patterns.",
            described=True,
        ),
        low=16,
    )
    query_memory_all: int = _setting(
        2048,
        "MB",
        "how much memory all queries of a server process may take together",
        Exceeded(
            _POOL,
            507,
            "queries-memory",
            "All queries together took too much memory",
            "all queries together took more than {allowed} MB of memory, and this one most",
            "ask again in a while, or for less",
        ),
        low=16,
    )
    query_workers: int = _setting(2, "processes", "query processes of each server process", low=1, high=64)
    query_long: int = _setting(
        2, "queries", "how many long queries run beside the short ones in each server process", high=64
    )
    query_queue: int = _setting(
        64,
        "queries",
        "how many queries may wait in each server process",
        busy(
            _POOL,
            "all query processes are busy and the queue is full",
        ),
        low=1,
    )
    query_wait: float = _setting(
        10.0,
        "s",
        "how long a query may wait for a query process",
        busy(
            _POOL,
            "no query process was free within {allowed:g} s",
            described=True,
        ),
        low=0.01,
    )
    query_size: int = _setting(
        64,
        "KB",
        "how long the text of a query may be",
        Exceeded(
            _DOOR,
            413,
            "query-too-long",
            "The query is too long",
            "the query has {found} bytes, {allowed} are allowed",
            "split it, or move long lists of values into several queries",
            advice="Shorten the query; put long lists of values into several queries.",
            described=True,
        ),
        low=1,
        high=16_000,
    )
    query_depth: int = _setting(
        50,
        "levels",
        "how deep brackets, signs and paths may nest",
        Exceeded(
            _DOOR,
            400,
            "query-too-deep",
            "The query nests too deep",
            "brackets, signs or paths nest deeper than {allowed} levels at {line}:{column}",
            "flatten the query",
            described=True,
        ),
        low=5,
        high=500,
    )
    query_patterns: int = _setting(
        100,
        "patterns",
        "how many triple patterns and path steps a query may have",
        Exceeded(
            _DOOR,
            400,
            "query-too-large",
            "The query has too many patterns",
            "the query has {found} triple patterns and path steps, {allowed} are allowed",
            "split it, or use VALUES instead of repeating a pattern",
            advice="Split the query into several.",
            described=True,
        ),
        low=1,
    )
    result_size: int = _setting(
        256,
        "MB",
        "how large an answer may be",
        Exceeded(
            _PROCESS,
            507,
            "result-too-large",
            "The answer is too large",
            "the answer has more than {allowed} MB",
            "add LIMIT, ask for fewer columns, or take the whole dataset's files from /dataset; "
            "whoever runs this server can raise KG_RESULT_SIZE",
            advice="Add a LIMIT, or ask for fewer columns; the whole data can be downloaded.",
            described=True,
        ),
        low=1,
        high=100_000,
    )
    cache_size: int = _setting(256, "MB", "how much disk kept answers may take; 0 keeps none")
    service_allow: tuple[str, ...] = _setting(
        (),
        "URLs, by comma",
        "endpoints that SERVICE may reach; with any, query processes keep their network",
        Exceeded(
            _DOOR,
            403,
            "service-refused",
            "SERVICE is not allowed here",
            "SERVICE {found} names not an endpoint that queries may reach from here",
            "ask that endpoint yourself and put its answer into VALUES",
            advice="Leave SERVICE out; ask the other endpoint by itself and join the answers.",
        ),
    )
    from_allow: tuple[str, ...] = _setting(
        (),
        "IRIs, by comma",
        "graphs that FROM may name beside the dataset's own",
        Exceeded(
            _DOOR,
            403,
            "graph-refused",
            "The dataset has no such graph",
            "FROM {found} names no graph of this dataset",
            "name a graph that the dataset has, see GRAPH ?g { }",
            advice="Ask GRAPH ?g { … } for the graphs that there are.",
        ),
    )
    endpoint_auth: str = _setting(
        "", "user:password", "how to log in to the remote endpoint; a secret, so set the variable"
    )
    endpoint_graph: str = _setting(
        "", "IRI", "the remote endpoint's graph that holds the merge, if not its default graph"
    )
    request_timeout: float = _setting(
        20.0,
        "s",
        "how long a client may take to send its request, or to read on",
        Exceeded(_SERVER, 408, "request-timeout", "Request Timeout", "the request did not come in time"),
        low=1,
    )
    connections: int = _setting(
        1000,
        "connections",
        "how many clients each server process holds at once",
        busy(
            _SERVER,
            "there are too many connections",
            "KG_CONNECTIONS rules it",
        ),
        low=1,
    )
    page_timeout: float = _setting(
        60.0,
        "s",
        "how long a client waits for a page or a file to be made; files go on being made",
        busy(
            _SERVER,
            "it was not made within {allowed:g} s",
            "ask again in a while: files go on being made and are then kept",
            retry=10,
        ),
        low=0.5,
    )
    premade: int = _setting(
        400,
        "things",
        "of how many things, the richest, pages are made before anybody asks, and of a quarter as "
        "many that most point at; 0: of none",
    )
    stop_grace: float = _setting(10.0, "s", "how long a stopping server waits for what runs")
    proxies: int = _setting(
        0, "proxies", "trusted proxies before the server, whose X-Forwarded-For counts", high=10
    )
    citations: str = _setting(
        "", "file", "the store of cited queries; empty: citations.sqlite3 beside the releases"
    )
    cite_public: bool = _setting(True, "yes or no", "whether everybody may store citations")
    cite_rate: int = _setting(
        20,
        "an hour",
        "how many citations one client may store in each server process",
        Exceeded(_CITATIONS, 429, "cite-rate", "Too many citations in an hour.", "{allowed} are allowed"),
        low=1,
    )
    cite_total: int = _setting(
        100_000,
        "citations",
        "how many citations the store takes in all",
        Exceeded(
            _CITATIONS,
            503,
            "citations-unavailable",
            "Citations can't be kept or read at the moment",
            "the query store is full: it takes {allowed} citations",
            "KG_CITE_TOTAL rules it",
        ),
        low=1,
    )
    access_log: bool = _setting(
        True, "yes or no", "whether each request is logged, as a line of JSON on stderr"
    )

    metrics: str = _setting(
        "", "address:port", "where operators collect metrics (Prometheus), at /metrics; empty: nowhere"
    )

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, **flags: Any) -> Settings:
        """Return the settings of the environment, overlaid by flags that are not None.

        Raises SettingsError for a value that can't be.
        """
        environ = os.environ if environ is None else environ
        values: dict[str, Any] = {}
        for f in fields(cls):
            name = f"KG_{f.name.upper()}"
            if flags.get(f.name) is not None:
                values[f.name] = flags[f.name]
            elif name in environ:
                values[f.name] = parse(name, environ[name], f.default)
        for f in fields(cls):
            check(f, values.get(f.name, f.default))
        return cls(**values)

    def citation_store(self, releases: Path | None = None) -> Path:
        """Return where cited queries are kept: the file that is named, or one beside the releases."""
        return Path(self.citations) if self.citations else (releases or self.releases) / "citations.sqlite3"


LIMITS: Mapping[str, Limit] = {
    f.name: Limit(f.name, f.default, f.metadata["unit"], f.metadata["meaning"], f.metadata["exceeded"])
    for f in fields(Settings)
    if f.metadata["exceeded"] is not None
}
"""Every limit by the name of its setting: the settings that say what happens when they are exceeded."""
BY_VARIABLE: Mapping[str, Limit] = {limit.variable: limit for limit in LIMITS.values()}


def user_cache(environ: Mapping[str, str] | None = None) -> Path:
    """Return the user's cache folder (XDG Base Directory), for files that can be made again."""
    root = (os.environ if environ is None else environ).get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "kg"
