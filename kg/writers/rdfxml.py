"""RDF/XML, streamed and always well-formed: what XML can't say is refused, not written wrongly.

Not everything fits (RDF 1.1 XML Syntax §2, §5.1): a property's IRI must end in an XML name, some names of
the RDF namespace are syntax, and XML 1.0 has no way to write most control characters. pyoxigraph's writer
drops the latter in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from xml.sax.saxutils import escape, quoteattr

import pyoxigraph as ox

from kg.errors import NotExpressible
from kg.terms import RDF, XSD
from kg.writers.term import Term

# The 5th edition of XML 1.0 allows more names than the 4th, which parsers in use follow: only what both
# allow.
_START = r"A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff\u4e00-\u9fa5"
_NCNAME = re.compile(rf"[{_START}][{_START}.0-9-]*\Z")
# The characters that XML 1.0 does not allow (§2.2 Char).
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# Names that RDF/XML keeps for its syntax (§5.1 coreSyntaxTerms, oldTerms), and li, which is renumbered.
_KEPT = "RDF ID about parseType resource nodeID datatype li Description aboutEach aboutEachPrefix bagID"
_SYNTAX = frozenset(RDF + name for name in _KEPT.split(" "))
Namer = Callable[[str], tuple[str, str]]
_HINT = "ask for Turtle or N-Triples"


def rdfxml_chunks(
    triples: Iterable[ox.Triple | ox.Quad], *, prefixes: Mapping[str, str], header: str = ""
) -> Iterator[tuple[str, int]]:
    """Yield the document piece by piece, each with its number of triples.

    Raises NotExpressible, naming the term, for what RDF/XML can't hold.
    """
    usable = {p: ns for p, ns in prefixes.items() if _NCNAME.match(p) and not p.lower().startswith("xml")}
    usable = {**{p: ns for p, ns in usable.items() if ns != RDF and p != "rdf"}, "rdf": RDF}
    name = _namer(usable)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n', 0
    if header:
        # Two hyphens would end the comment (XML 1.0 §2.5).
        yield f"<!--\n{_text(header).replace('--', '- -')}\n-->\n", 0
    spaces = "".join(f"\n    xmlns:{p}={quoteattr(ns)}" for p, ns in sorted(usable.items()))
    yield f"<rdf:RDF{spaces}>\n", 0
    for subject, group in groupby(triples, key=attrgetter("subject")):
        lines = {_property(statement, name): None for statement in group}
        about = _node("rdf:about", subject)
        yield f"  <rdf:Description {about}>\n" + "".join(lines) + "  </rdf:Description>\n", len(lines)
    yield "</rdf:RDF>\n", 0


def _namer(prefixes: Mapping[str, str]) -> Namer:
    by_namespace = {ns: prefix for prefix, ns in sorted(prefixes.items(), reverse=True)}

    @lru_cache(maxsize=1 << 12)
    def name(iri: str) -> tuple[str, str]:
        """Return a property's name and the namespace declaration that it needs, if any."""
        if iri in _SYNTAX:
            raise NotExpressible(f"RDF/XML keeps <{iri}> for its own syntax", hint=_HINT)
        for namespace, prefix in by_namespace.items():
            if iri.startswith(namespace) and _NCNAME.match(iri, len(namespace)):
                return f"{prefix}:{iri[len(namespace) :]}", ""
        split = _split(iri)
        return f"p:{iri[split:]}", f" xmlns:p={quoteattr(iri[:split])}"

    return name


def _split(iri: str) -> int:
    """Return where the longest XML name at the end of an IRI begins."""
    for place in range(1, len(iri)):
        if _NCNAME.match(iri, place):
            return place
    raise NotExpressible(f"RDF/XML can't hold the property <{iri}>: it doesn't end in a name", hint=_HINT)


def _property(statement: ox.Triple | ox.Quad, name: Namer) -> str:
    tag, space = name(statement.predicate.value)
    value = statement.object
    if not isinstance(value, ox.Literal):
        return f"    <{tag}{space} {_node('rdf:resource', value)}/>\n"
    kind = ""
    if value.language:
        if str(value).endswith(("--ltr", "--rtl")):
            raise NotExpressible(f"RDF/XML 1.1 has no text direction: {value}", hint=_HINT)
        kind = f" xml:lang={quoteattr(value.language)}"
    elif value.datatype.value != XSD + "string":
        kind = f" rdf:datatype={quoteattr(value.datatype.value)}"
    return f"    <{tag}{space}{kind}>{escape(_text(value.value), {chr(13): '&#xD;'})}</{tag}>\n"


def _node(attribute: str, term: Term) -> str:
    if isinstance(term, ox.NamedNode):
        return f"{attribute}={quoteattr(_text(term.value))}"
    if isinstance(term, ox.BlankNode):
        label = "b" + term.value
        if _NCNAME.match(label):
            return f'rdf:nodeID="{label}"'
    raise NotExpressible(f"RDF/XML can't hold {term}", hint=_HINT)


def _text(text: str) -> str:
    if found := _NO_XML.search(text):
        what = f"XML can't hold the character U+{ord(found[0]):04X} of {text[:40]!r}"
        raise NotExpressible(what, hint=_HINT)
    return text
