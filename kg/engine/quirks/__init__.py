"""What engines do otherwise than the standards say: the one registry.

`QUIRKS` is what the embedded engine answers wrongly, `WRITING` how it writes right answers wrongly, `PEERS`
where remote engines differ. Each entry has examples with what is right; tests walk them all, and
`docs/quirks.md` is written from them.
"""

from kg.engine.quirks.answering import DATA, QUIRKS, Example, Quirk, of
from kg.engine.quirks.fault import Fault, as_markdown
from kg.engine.quirks.peers import PEERS, Peer, Reply
from kg.engine.quirks.writing import WRITING, Document, WritingFault

__all__ = [
    "DATA",
    "PEERS",
    "QUIRKS",
    "WRITING",
    "Document",
    "Example",
    "Fault",
    "Peer",
    "Quirk",
    "Reply",
    "WritingFault",
    "as_markdown",
    "of",
]
