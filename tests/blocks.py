"""The blocks of a document: what stands in fences, and what is indented, as it would be pasted."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:(?<=\n\n)|\A)(?: {4}.*\n|^\n)+", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """One block: ``language`` is what its fence says, empty for an indented one."""

    language: str
    text: str


def blocks_of(document: str) -> list[Block]:
    """Return the blocks of a document in their order."""
    found = [(one.start(), Block(one[1] or "fenced", one[2])) for one in _FENCED.finditer(document)]
    bare = _FENCED.sub(lambda one: re.sub(r"[^\n]", "x", one[0]), document)
    found += [
        (one.start(), Block("", re.sub(r"^ {4}", "", one[0], flags=re.MULTILINE).strip("\n")))
        for one in _INDENTED.finditer(bare)
        if one[0].strip()
    ]
    return [block for _, block in sorted(found, key=lambda one: one[0])]
