"""What the query editor completes from: the terms that a release uses, what goes with what, and their values.

`ensure` counts a release once and keeps the numbers beside it; `Values` finds what can stand behind a term.
"""

from kg.complete.make import ensure, is_ready
from kg.complete.values import Value, Values

__all__ = ["Value", "Values", "ensure", "is_ready"]
