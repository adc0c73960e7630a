"""Opening files in tests: where what is made of them lies, and an application over it."""

from __future__ import annotations

import html
import re
from pathlib import Path

from flask.testing import FlaskClient

from kg.engine.local import LocalEngine
from kg.opening import Opened, Options, open_paths
from kg.release import Release
from kg.release.store import ensure_store
from kg.settings import Settings
from kg_web import create_app


def write(folder: Path, name: str, text: str | bytes) -> Path:
    """Write a file, with the folders that it lies in."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def opened(folder: Path, *paths: Path, served: bool = False, **options: object) -> Opened:
    """Open files; what is made of them lies in ``folder``."""
    return open_paths(list(paths), Options(**options), cache=folder / "cache", served=served)


def client(release: Release) -> FlaskClient:
    """The pages of a release."""
    engine = LocalEngine.open(ensure_store(release))
    return create_app(engine, Settings.load({}), release).test_client()


def rows(release: Release, sparql: str) -> list[tuple[str, ...]]:
    """The rows of a query, each term as N-Triples writes it."""
    with LocalEngine.open(ensure_store(release)) as engine:
        return [tuple(str(term) for term in row) for row in engine.query(sparql).rows]


def words(page: str) -> str:
    """What a page says in its main part, in one line."""
    found = re.search(r"(?s)<main.*?</main>", page)
    text = re.sub(r"(?s)<script.*?</script>|<[^>]*>", " ", found[0] if found else page)
    return re.sub(r"\s+", " ", html.unescape(text)).strip()
