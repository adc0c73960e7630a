"""What the query editor completes from: the terms that a release uses, what goes with what, and their values.

`ensure` counts a release once and keeps the numbers beside it, `prepare` makes what that needs first;
`kg.complete.values.Values` finds what can stand behind a term.
"""

from kg.complete.make import ensure, is_ready, prepare

__all__ = ["ensure", "is_ready", "prepare"]
