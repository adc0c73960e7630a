"""Deciding when two queries are the same and which can't be cited, and the checksum of a result. Pure.

It follows the RDA's recommendations on citing evolving data: R4 (queries with the same normal form are one),
R5 (rows are sorted, so that the engine's order doesn't matter), R6 (a checksum over them).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import pyoxigraph as ox

from kg.engine import Result, Term
from kg.errors import QueryRefused
from kg.sparql.checking.analysis import Analysis, analyse
from kg.sparql.checking.guard import resolve
from kg.sparql.reading.lexer import Lexer, Token

CHANGING = frozenset({"NOW", "RAND", "UUID", "STRUUID", "BNODE"})
"""Functions whose value is another each time (SPARQL 1.1 §17.4): what has one can't be had again."""
UNSETTLED = {
    "SAMPLE": "SAMPLE takes any member of a group: another engine may take another",
    "GROUP_CONCAT": "GROUP_CONCAT joins in no given order: another engine may join in another",
    "LIMIT": "LIMIT takes the first rows: unless the order is total, another engine may take others",
    "OFFSET": "OFFSET skips the first rows: unless the order is total, another engine may skip others",
    "REDUCED": "REDUCED may keep doubles or drop them",
}
"""Words whose answer the standard leaves open: citable, with a warning."""


@dataclass(frozen=True)
class Identity:
    """What a query asks, whatever its spelling: ``normal`` is the text that equal queries share.

    ``warnings`` are the words (keys of `UNSETTLED`) for which another engine may answer otherwise.
    """

    normal: str
    warnings: tuple[str, ...] = ()


def identify(sparql: str, base_iri: str | None = None) -> Identity:
    """Return the identity of a query: prefixes expanded, white space, comments and letter case settled.

    Raises QueryRefused for a query whose result may change: it calls a function such as NOW, or SERVICE.
    """
    found = analyse(sparql)
    # If the text could be read in two ways, it isn't normalised.
    tokens = list(_tokens(sparql if found.ambiguous else found.normal))
    words = {token.text.upper() for token in tokens if token.kind == "word"}
    if found.services or "SERVICE" in words:
        raise QueryRefused(
            "a query with SERVICE can't be cited: what another server answers can't be had again",
            hint="ask this dataset alone",
        )
    called = {one.text.upper() for one, after in pairwise(tokens) if one.kind == "word" and after.text == "("}
    if changing := sorted(called & CHANGING):
        raise QueryRefused(
            f"a query with {', '.join(changing)} can't be cited: each run gives another answer",
            hint="write the value itself in its place",
        )
    normal = sparql.strip() if found.ambiguous else " ".join(_settled(tokens, found, base_iri))
    return Identity(normal, tuple(word for word in UNSETTLED if word in words))


def identifier(identity: Identity, digest: str, graphs: str = "") -> str:
    """Return the identifier of a query on a release: the same query there has the same.

    ``digest`` is the release's; ``graphs`` is the dataset asked of, if not the default one.
    """
    text = "\0".join((identity.normal, digest, graphs))
    return base64.b32encode(hashlib.sha256(text.encode()).digest()).decode().lower()[:16]


def lines_of(result: Result) -> list[bytes]:
    """Return a result's rows, triples or boolean as sorted lines, terms in N-Triples.

    Blank nodes of rows lose their labels, which no two runs share; those of a graph are canonicalised
    (RDFC-1.0).
    """
    if result.kind == "ask":
        return [b"true\n" if result.boolean else b"false\n"]
    if result.kind == "graph":
        dataset = ox.Dataset(ox.Quad(*triple) for triple in result.triples)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        return sorted(f"{quad.triple} .\n".encode() for quad in dataset)
    return sorted(("\t".join(map(_plain, row)) + "\n").encode() for row in result.rows)


def checksum(result: Result) -> str:
    """Return the sha256 (hex) over a result: kind, variables in order, sorted lines with doubles."""
    digest = hashlib.sha256(f"{result.kind}\t{chr(9).join(result.variables)}\n".encode())
    for line in lines_of(result):
        digest.update(line)
    return digest.hexdigest()


def _plain(term: Term | None) -> str:
    return "" if term is None else "_:b" if isinstance(term, ox.BlankNode) else str(term)


def _tokens(text: str) -> Iterable[Token]:
    lexer = Lexer(text)
    while (token := lexer.take(compares=False)) is not None:
        yield token


def _settled(tokens: list[Token], found: Analysis, base_iri: str | None) -> Iterable[str]:
    """Yield the tokens of the query without its prologue, each in one canonical spelling."""
    place = 0
    while place < len(tokens) and tokens[place].text.upper() in {"PREFIX", "BASE", "VERSION"}:
        place += 3 if tokens[place].text.upper() == "PREFIX" else 2
    for token in tokens[place:]:
        if token.kind in {"pname", "iri"}:
            term = resolve(token.text, found, base_iri)
            yield str(term) if isinstance(term, ox.NamedNode) else token.text
        elif token.kind == "var":
            yield "?" + token.text[1:]
        elif token.kind == "lang":
            yield token.text.lower()
        elif token.kind == "word" and token.text not in {"a", "true", "false"}:
            yield token.text.upper()
        else:
            yield token.text
