"""Addresses on this server of the things in the graph."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote, urlencode

from flask import request

from kg_web.context import publication

_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif")
SAFE = "/:@!$&'()*+,;=~"
"""What stands in a path as it is (RFC 3986 §3.3)."""


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
    if not parameters:
        return where
    return where + ("&" if "?" in where else "?") + urlencode(parameters)


@lru_cache(maxsize=65_536)
def _address(root: str, base: str, dataset: str, iri: str) -> str:
    # Put together by hand and kept: a page has hundreds, and url_for takes longer than the queries do.
    path = _path(base, iri)
    if path is not None:
        return root + "/page/" + quote(path, safe=SAFE)
    if iri and iri == dataset:
        return root + "/"
    return root + "/resource?" + urlencode({"iri": iri})


def ascii_only(text: str) -> str:
    """Return a text with what lies beyond ASCII as percent escapes: an IRI as its URI (RFC 3987 §3.1)."""
    return (
        text
        if text.isascii()
        else "".join(c if c.isascii() else quote(c, safe="", errors="replace") for c in text)
    )


def is_web(iri: str) -> bool:
    """Say whether an IRI may become a link that leaves this server: http and https only."""
    return iri.startswith(("http://", "https://"))


def is_address(text: str) -> bool:
    """Say whether a text is a web address and nothing else."""
    return is_web(text) and not any(sign.isspace() or sign in '<>"' for sign in text)


def is_picture(iri: str) -> bool:
    """Say whether an address is that of a picture, and pages may show it.

    Only in files that somebody opened: a curated site asks nobody else for anything.
    """
    release = publication().release
    path = iri.partition("?")[0].lower()
    return bool(release and release.opened) and is_address(iri) and path.endswith(_PICTURES)


def query_link(sparql: str) -> str:
    """Return the address of the query page with a query in it."""
    return f"{request.script_root}/query?query={quote(sparql, safe='')}"


def iri_of(path: str) -> str:
    """Return the IRI of a path under the dataset's base."""
    return publication().base + path


def switched(**changes: str) -> str:
    """Return the current page with some parameters changed, as a relative address.

    Relative, so that a path such as ``//elsewhere`` can't make it lead away.
    """
    arguments = {**request.args.to_dict(flat=False), **{name: [value] for name, value in changes.items()}}
    return "?" + urlencode(arguments, doseq=True, errors="replace")


def toggled(name: str, value: str) -> str:
    """Return the current page with one value of a parameter added, or taken away when it is there."""
    arguments = request.args.to_dict(flat=False)
    arguments.pop("page", None)
    values = arguments.get(name, [])
    arguments[name] = [v for v in values if v != value] if value in values else [*values, value]
    return "?" + urlencode(arguments, doseq=True, errors="replace")


def public(path: str = "") -> str:
    """Return an address as the public sees it: of the current page, or of a path."""
    root = publication().settings.public_url.rstrip("/") or request.host_url.rstrip("/") + request.script_root
    return root + (path or request.path)


def canonical() -> str:
    """Return the current page's one address: without the choice of language and appearance."""
    kept = [(k, v) for k, v in request.args.items(multi=True) if k not in {"lang", "theme"}]
    return public() + ("?" + urlencode(kept, errors="replace") if kept else "")


def is_ours(iri: str) -> bool:
    """Say whether an IRI lies under the dataset's base, so that it has a page here even without a name."""
    return path_under_base(iri) is not None


def data_link(iri: str, extension: str) -> str:
    """Return the address of a thing's description in a format."""
    path = path_under_base(iri.removesuffix("/"))
    if path is None:
        return f"{request.script_root}/data?{urlencode({'iri': iri, 'format': extension})}"
    return f"{request.script_root}/data/{quote(path, safe=SAFE)}.{extension}"
