"""Addresses on this server of the things in the graph."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote, urlencode

from flask import request

from web.context import publication


def path_under_base(iri: str) -> str | None:
    """Return what follows the dataset's base in an IRI; None when it lies elsewhere or is no plain path."""
    return _path(publication().base, iri)


@lru_cache(maxsize=65_536)
def _path(base: str, iri: str) -> str | None:
    if not base or not iri.startswith(base):
        return None
    path = iri[len(base) :]
    # A dot segment, a query or a fragment would not survive as a path.
    if any(mark in path for mark in "?#\\") or any(step in {"", ".", ".."} for step in path.split("/")):
        return None
    return path


def href(iri: str, **parameters: str | int) -> str:
    """Return the address of a thing's page on this server."""
    found = publication()
    dataset = found.release.dataset if found.release else ""
    where = _address(request.script_root, found.base, dataset, iri)
    query = urlencode(parameters)
    return where + ("&" if "?" in where else "?") + query if query else where


@lru_cache(maxsize=65_536)
def _address(root: str, base: str, dataset: str, iri: str) -> str:
    # Put together by hand and kept: a page has hundreds, and url_for takes longer than the queries do.
    path = _path(base, iri)
    if path is not None:
        return root + "/page/" + quote(path, safe="/:@!$&'()*+,;=~")
    if iri and iri == dataset:
        return root + "/"
    return root + "/resource?" + urlencode({"iri": iri})


def is_web(iri: str) -> bool:
    """Say whether an IRI may become a link that leaves this server: http and https only."""
    return iri.startswith(("http://", "https://"))


def query_link(sparql: str) -> str:
    """Return the address of the query page with a query in it."""
    return f"{request.script_root}/query?query={quote(sparql, safe='')}"


def iri_of(path: str) -> str:
    """Return the IRI of a path under the dataset's base."""
    return publication().base + path
