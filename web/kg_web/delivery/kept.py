"""Keeping pages: a release never changes, so a thing's page is made once for all its readers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import wraps
from threading import Lock
from typing import ParamSpec

import zstandard
from flask import current_app, g, request

from kg_web.context import publication
from kg_web.delivery.premade import Key, Premade
from kg_web.links import public
from kg_web.rendering.i18n import language
from kg_web.rendering.present import theme

ROOM = 16 * 1024 * 1024
"""Bytes of pages, packed, that an application keeps: some 1,500 pages of things."""
_SIGN, _PASSING = "pages_are_kept", "page_is_passing"
P = ParamSpec("P")


class Pages:
    """Compressed pages by all that they depend on, the least recently used dropped first. For threads."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._lock = Lock()
        self._pages: OrderedDict[tuple[str, ...], bytes] = OrderedDict()
        self._size = 0

    def get(self, key: tuple[str, ...]) -> str | None:
        """Return a page, or None when it isn't kept."""
        with self._lock:
            packed = self._pages.get(key)
            if packed is not None:
                self._pages.move_to_end(key)
        return zstandard.decompress(packed).decode() if packed is not None else None

    def put(self, key: tuple[str, ...], page: str) -> None:
        """Keep a page."""
        packed = zstandard.compress(page.encode(), 1)
        with self._lock:
            self._size += len(packed) - len(self._pages.pop(key, b""))
            self._pages[key] = packed
            while self._size > self._room:
                self._size -= len(self._pages.popitem(last=False)[1])

    def packed(self) -> Iterator[tuple[Key, bytes]]:
        """Yield all that is kept, by path, query and language."""
        for (*_, path, query, language_, _theme), page in self._pages.items():
            yield (path, query, language_), page


def kept(view: Callable[P, str]) -> Callable[P, str]:
    """Decorate a view so that each of its pages is made once.

    Only for views whose pages depend on nothing but the release, the address, and the reader's language and
    appearance.
    """

    @wraps(view)
    def from_memory(*args: P.args, **kwargs: P.kwargs) -> str:
        pages: Pages = current_app.extensions.setdefault("kept_pages", Pages())
        asked = (request.path, request.query_string.decode("latin-1"))
        key = (request.host_url, request.script_root, *asked, language(), theme())
        page = pages.get(key)
        if page is None:
            page = _premade(asked) or view(*args, **kwargs)
            if not g.pop(_PASSING, False):
                pages.put(key, page)
        return page

    setattr(from_memory, _SIGN, True)
    return from_memory


def pass_by() -> None:
    """Don't keep the page that is being made, as a part of it failed."""
    setattr(g, _PASSING, True)


def is_kept(view: Callable[..., object]) -> bool:
    """Say whether a view's pages are kept."""
    return getattr(view, _SIGN, False)


def _premade(asked: tuple[str, str]) -> str | None:
    """Return a page made beforehand, if any: only for a server at the root, in the system's appearance."""
    if request.script_root or theme():
        return None
    found: Premade | None = current_app.extensions.get("premade")
    if found is None:
        known = publication()
        found = Premade(known.release, known.settings.premade)
        found = current_app.extensions.setdefault("premade", found)
    return found.get((*asked, language()), public("/").rstrip("/"))
