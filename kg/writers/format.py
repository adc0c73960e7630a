"""What a format is: how it is called, and what it can hold. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a format can hold."""

    GRAPH = "graph"
    DATASET = "dataset"
    RESULTS = "results"
    TABLE = "table"


@dataclass(frozen=True, eq=False)  # one object each, so compared and hashed as such, which is quick
class Format:
    """A serialisation: its short name (also the file extension), media type and what it can hold.

    ``aliases`` are other media types that clients send for it, ``names`` what clients call it in parameters
    such as ``format=`` and ``output=``; ``w3c`` is its name below http://www.w3.org/ns/formats/; ``extra`` is
    the optional extra of this package that it needs, and ``package`` the module that the extra installs;
    ``packed``: the format is compressed itself, so that it isn't compressed again.
    """

    name: str
    media_type: str
    kind: Kind
    label: str
    aliases: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    w3c: str = ""
    extra: str = ""
    package: str = ""
    packed: bool = False

    @property
    def content_type(self) -> str:
        """The Content-Type header: text types name their charset, the others have a fixed one."""
        return self.media_type + ("; charset=utf-8" if self.media_type.startswith("text/") else "")
