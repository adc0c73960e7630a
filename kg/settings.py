"""Settings: one frozen object, and the only reader of ``os.environ``.

Each field is a setting; its environment variable is ``KG_`` and the field's name in capitals. A flag of the
same name wins over the variable, the variable over the default. ``docs/settings.md`` is made from this module
and a test compares them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from kg.errors import SettingsError


def _setting(default: Any, unit: str, meaning: str, *, low: float = 0, high: float = float("inf")) -> Any:
    return field(default=default, metadata={"unit": unit, "meaning": meaning, "low": low, "high": high})


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
    query_timeout: float = _setting(30.0, "s", "how long a query may run", low=0.01)
    query_memory: int = _setting(1024, "MB", "how much memory a query may take", low=16)
    query_memory_all: int = _setting(
        2048, "MB", "how much memory all queries of a server process may take together", low=16
    )
    query_workers: int = _setting(2, "processes", "query processes of each server process", low=1, high=64)
    query_long: int = _setting(
        2, "queries", "how many long queries run beside the short ones in each server process", high=64
    )
    query_queue: int = _setting(64, "queries", "how many queries may wait in each server process", low=1)
    query_wait: float = _setting(10.0, "s", "how long a query may wait for a query process", low=0.01)
    query_size: int = _setting(64, "KB", "how long the text of a query may be", low=1, high=16_000)
    query_depth: int = _setting(50, "levels", "how deep brackets, signs and paths may nest", low=5, high=500)
    query_patterns: int = _setting(
        100, "patterns", "how many triple patterns and path steps a query may have", low=1
    )
    result_size: int = _setting(256, "MB", "how large an answer may be", low=1, high=100_000)
    cache_size: int = _setting(256, "MB", "how much disk kept answers may take; 0 keeps none")
    service_allow: tuple[str, ...] = _setting(
        (), "URLs, by comma", "endpoints that SERVICE may reach; with any, query processes keep their network"
    )
    from_allow: tuple[str, ...] = _setting(
        (), "IRIs, by comma", "graphs that FROM may name beside the dataset's own"
    )
    endpoint_auth: str = _setting(
        "", "user:password", "how to log in to the remote endpoint; a secret, so set the variable"
    )
    endpoint_graph: str = _setting(
        "", "IRI", "the remote endpoint's graph that holds the merge, if not its default graph"
    )
    request_timeout: float = _setting(
        20.0, "s", "how long a client may take to send its request, or to read on", low=1
    )
    connections: int = _setting(
        1000, "connections", "how many clients each server process holds at once", low=1
    )
    page_timeout: float = _setting(
        60.0, "s", "how long a client waits for a page or a file to be made; files go on being made", low=0.5
    )
    premade: int = _setting(
        400, "things", "of how many things, the richest, pages are made before anybody asks; 0: of none"
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
        20, "an hour", "how many citations one client may store in each server process", low=1
    )
    cite_total: int = _setting(100_000, "citations", "how many citations the store takes in all", low=1)
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
                values[f.name] = _parse(name, environ[name], f.default)
        for f in fields(cls):
            _check(f, values.get(f.name, f.default))
        return cls(**values)

    def citation_store(self, releases: Path | None = None) -> Path:
        """Return where cited queries are kept: the file that is named, or one beside the releases."""
        return Path(self.citations) if self.citations else (releases or self.releases) / "citations.sqlite3"


def _parse(name: str, text: str, default: Any) -> Any:
    """Read ``text`` as the type that the default has."""
    try:
        if isinstance(default, bool):
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[
                text.lower()
            ]
        if isinstance(default, tuple):
            return tuple(part.strip() for part in text.split(",") if part.strip())
        return type(default)(text)
    except (ValueError, KeyError):
        kind = type(default).__name__
        raise SettingsError(f"{name}={text!r} is not a {kind}", hint=f"the default is {default!r}") from None


def _check(f: Any, value: Any) -> None:
    """Refuse a number outside the bounds of its setting."""
    if isinstance(value, int | float) and not f.metadata["low"] <= value <= f.metadata["high"]:
        bounds = f"{f.metadata['low']} to {f.metadata['high']}"
        raise SettingsError(
            f"KG_{f.name.upper()}={value} is out of bounds", hint=f"it takes {bounds} ({f.metadata['unit']})"
        )


def user_cache(environ: Mapping[str, str] | None = None) -> Path:
    """Return the folder for what can be made again, as the user's system has it (XDG Base Directory)."""
    root = (os.environ if environ is None else environ).get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "kg"
