"""Open files of RDF as they are: a build with lenient rules, into a release that is kept.

What a strict build refuses is a warning here, or is written so that it can be shown: blank nodes have IRIs
(`kg.blanks`), graphs may lie anywhere, literals stay as they stand. Behind the release all is the same code.
"""

from kg.opening.states import Opened, Options, open_paths

__all__ = ["Opened", "Options", "open_paths"]
