"""Reading files of RDF as people have them: any syntax, packed or not, within bounds."""

from kg.reading.names import Document, Syntax, documents, reason_unread, syntax_named
from kg.reading.parse import Parsed, parse

__all__ = ["Document", "Parsed", "Syntax", "documents", "parse", "reason_unread", "syntax_named"]
