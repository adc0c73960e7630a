"""The seam between what asks queries and what answers them.

`Engine.query` is the one way to ask; `Result` is the one shape of an answer, whichever engine gave it. The
embedded engine is `kg.engine.local.LocalEngine`, the remote one `kg.engine.remote.RemoteEngine`.
"""

from kg.engine.base import Dataset, Engine, Result, Row
from kg.writers.term import Term

__all__ = ["Dataset", "Engine", "Result", "Row", "Term"]
