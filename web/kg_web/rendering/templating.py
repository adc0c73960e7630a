"""Jinja as our pages use it."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from flask.templating import Environment


class PageEnvironment(Environment):
    """Flask's environment, with the names that all templates share in a plain dict.

    Jinja has them in a ChainMap, so that later changes are seen; there are none once an application is made.
    But each import of macros compares its keys and each rendering copies it, which takes 7 % of a page's
    time.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the names that a template sees: the shared ones, under its own."""
        return {**self.globals, **(d or {})}
