"""A network as a file for programs that draw and measure networks: GraphML and GEXF 1.3.

Written with the standard library's XML tree, since the two formats need only a dozen elements; see
docs/decisions.md.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from kg import mediatypes

_GRAPHML_SPACE = "http://graphml.graphdrawing.org/xmlns"
_GEXF_SPACE = "http://gexf.net/1.3"

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What can't stand in XML 1.0, even escaped."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A node: its IRI, its name and what it is."""

    iri: str
    name: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """A directed network: title, source, name and IRI of its one relation, things, and pairs of IRIs."""

    title: str
    source: str
    relation: str
    relation_iri: str
    things: Sequence[Thing]
    links: Sequence[tuple[str, str]]


def graphml(graph: Graph) -> bytes:
    """Return a network as GraphML; IRIs are the nodes' ids."""
    root = ET.Element("graphml", xmlns=_GRAPHML_SPACE)
    ET.SubElement(root, "desc").text = _clean(f"{graph.title}. {graph.source}")
    for key, of, name in (
        ("label", "node", "label"),
        ("kind", "node", "kind"),
        ("relation", "edge", "relation"),
        ("iri", "edge", "iri"),
    ):
        ET.SubElement(root, "key", {"id": key, "for": of, "attr.name": name, "attr.type": "string"})
    inner = ET.SubElement(root, "graph", edgedefault="directed")
    for thing in graph.things:
        node = ET.SubElement(inner, "node", id=_clean(thing.iri))
        _data(node, "label", thing.name)
        _data(node, "kind", thing.kind)
    for number, (source, target) in enumerate(graph.links):
        edge = ET.SubElement(inner, "edge", id=f"e{number}", source=_clean(source), target=_clean(target))
        _data(edge, "relation", graph.relation)
        _data(edge, "iri", graph.relation_iri)
    return _bytes(root)


def gexf(graph: Graph) -> bytes:
    """Return a network as GEXF 1.3, as Gephi reads it."""
    root = ET.Element("gexf", xmlns=_GEXF_SPACE, version="1.3")
    meta = ET.SubElement(root, "meta")
    ET.SubElement(meta, "creator").text = _clean(graph.source)
    ET.SubElement(meta, "description").text = _clean(graph.title)
    inner = ET.SubElement(root, "graph", mode="static", defaultedgetype="directed")
    attributes = ET.SubElement(inner, "attributes", {"class": "node"})
    ET.SubElement(attributes, "attribute", id="kind", title="kind", type="string")
    nodes = ET.SubElement(inner, "nodes")
    for thing in graph.things:
        node = ET.SubElement(nodes, "node", id=_clean(thing.iri), label=_clean(thing.name))
        values = ET.SubElement(node, "attvalues")
        ET.SubElement(values, "attvalue", {"for": "kind", "value": _clean(thing.kind)})
    edges = ET.SubElement(inner, "edges")
    for number, (source, target) in enumerate(graph.links):
        ET.SubElement(
            edges,
            "edge",
            id=str(number),
            source=_clean(source),
            target=_clean(target),
            label=_clean(graph.relation),
        )
    return _bytes(root)


WRITERS: Mapping[str, tuple[str, str, Callable[[Graph], bytes]]] = {
    "graphml": ("GraphML", mediatypes.GRAPHML, graphml),
    "gexf": ("GEXF", mediatypes.GEXF, gexf),
}
"""By file extension: the format's name, its media type, and what writes it."""


def _data(parent: ET.Element, key: str, text: str) -> None:
    if text:
        ET.SubElement(parent, "data", key=key).text = _clean(text)


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)


def _bytes(root: ET.Element) -> bytes:
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()
