"""Open files of RDF as they are: a build with lenient rules, into a release that is kept.

What a strict build refuses is a warning here, or is written so that it can be shown: blank nodes have IRIs
(`kg.blanks`), graphs may lie anywhere, literals stay as they stand. Behind the release all is the same code.
"""

from kg.opening.check import Checked, check_paths
from kg.opening.make import Opened, Options, open_paths

__all__ = ["Checked", "Opened", "Options", "check_paths", "open_paths"]
