"""Open files of RDF as they are: a build with lenient rules, into a release that is kept.

What a strict build refuses is a warning here, or is written so that it can be shown: blank nodes have IRIs
(`kg.blanks`), graphs may have any IRI, literals stay as written. From the release on, the code is the same.
"""

from kg.opening.options import Options
from kg.opening.states import Opened, open_paths

__all__ = ["Opened", "Options", "open_paths"]
