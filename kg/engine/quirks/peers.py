"""Where remote engines differ from the standards: the one table.

Each entry has what such an engine replies, with the answer that is right, or what a request to it must hold.
Tests ask a peer that behaves so; the long ones ask the engine itself (`tests/test_other_engines.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kg.engine.quirks.fault import Fault

_VIRTUOSO = frozenset({"Virtuoso 7.2.5"})
_MET, _ASKING = "kg/engine/peers.py", "kg/engine/remote.py"
_BODY = '{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"1"}}]}}'
_POINT = (
    '{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"typed-literal","value":"POINT(1 '
    '2)","datatype":"http://www.openlinksw.com/schemas/virtrdf#Geometry"}}]}}'
)


@dataclass(frozen=True)
class Reply:
    """A query and what the peer replies; the right rows, or None where the answer is only a part.

    ``sent`` is what the request holds, beside the query, so that the peer answers rightly.
    """

    query: str
    rows: tuple[tuple[str, ...], ...] | None
    body: str = _BODY
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: str = ""


@dataclass(frozen=True)
class Peer(Fault):
    """A fault of a peer, or a habit that the standard leaves open.

    ``server`` is a part of its Server header, in lower case; ``cut`` the header by which it says that an
    answer is only a part.
    """

    server: str
    mended: str
    examples: tuple[Reply, ...]
    cut: str = ""

    @property
    def done(self) -> str:
        """What is done about it, in words."""
        return self.mended

    @property
    def shown(self) -> tuple[str, str]:
        """The first example, and its right rows or what is sent."""
        first = self.examples[0]
        rows = "no answer" if first.rows is None else "; ".join(" ".join(row) for row in first.rows)
        return first.query, f"asked with `{first.sent}`" if first.sent else rows


PEERS = (
    Peer(
        "union-default",
        "The default graph is what the service describes; this one's is the union of all graphs and "
        "repeats what stands in several.",
        _ASKING,
        _VIRTUOSO,
        "virtuoso",
        "the graph that holds the merge is named (`KG_ENDPOINT_GRAPH`)",
        (Reply("SELECT ?x { ?x ?y ?z }", (("1",),), sent="default-graph-uri=urn%3Amerge"),),
    ),
    Peer(
        "names-slowly",
        "A request may name as many graphs as it likes (SPARQL 1.1 Protocol §2.1.4); this one takes a "
        "minute for some thousand, and one that names none asks all.",
        _ASKING,
        _VIRTUOSO,
        "virtuoso",
        "GRAPH with a variable is bounded in the query's text",
        (Reply("SELECT ?x { GRAPH ?x { ?s ?p ?o } }", (("1",),), sent="STRSTARTS"),),
    ),
    Peer(
        "rows-cut",
        "An answer is whole; this one cuts it at a bound of its own (ResultSetMaxRows) and says so in a "
        "header.",
        _MET,
        _VIRTUOSO,
        "virtuoso",
        "an error says that it is only a part",
        (Reply("SELECT ?x { ?x ?y ?z }", None, headers={"X-SPARQL-MaxRows": "1000"}),),
        cut="X-SPARQL-MaxRows",
    ),
    Peer(
        "time-cut",
        'An answer is whole; this one gives what it has when an "anytime" query\'s time is over, and says'
        " so in a header.",
        _MET,
        _VIRTUOSO,
        "virtuoso",
        "an error says that it is only a part",
        (Reply("SELECT ?x { ?x ?y ?z }", None, headers={"X-SQL-State": "S1TAT"}),),
        cut="X-SQL-State",
    ),
    Peer(
        "ask-as-rows",
        "ASK is answered by a boolean (SPARQL 1.1 §16.3); this one answers with a row that holds 1, or "
        "with none.",
        _MET,
        _VIRTUOSO,
        "virtuoso",
        "read as the boolean that is meant",
        (
            Reply("ASK { ?s ?p ?o }", (("true",),), _BODY.replace('"x"', '"__ASK_RETVAL"')),
            Reply("ASK {}", (("false",),), '{"head":{"vars":["__ASK_RETVAL"]},"results":{"bindings":[]}}'),
        ),
    ),
    Peer(
        "own-points",
        "A geo:wktLiteral comes back with its datatype; this one gives it one of its own.",
        _MET,
        _VIRTUOSO,
        "virtuoso",
        "read as geo:wktLiteral",
        (Reply("SELECT ?x { ?y ?z ?x }", (("POINT(1 2) wktLiteral",),), _POINT),),
    ),
    Peer(
        "many-headers",
        "A reply has a few headers; this one names each graph of the dataset in one, more than readers take.",
        _ASKING,
        _VIRTUOSO,
        "virtuoso",
        "ten thousand are read",
        (
            Reply(
                "SELECT ?x { ?x ?y ?z }",
                (("1",),),
                headers={f"X-SPARQL-named-graph-{number}": "urn:g" for number in range(600)},
            ),
        ),
    ),
)
