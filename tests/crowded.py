"""A little graph with names that are long and of one language, two hundred members, a thousand events."""

from __future__ import annotations

import pyoxigraph as ox

BASE = "https://crowded.example/"
HALL = BASE + "id/hall"
NAME = "改造提升联合治理委员会" * 5 + "第一议事厅"
"""A name of sixty characters, in one language alone, without a place to break it but between any two."""
UNBROKEN = "Committee" * 7
"""A Latin name of sixty-three letters that has no place to break at all."""
MEMBERS, EVENTS = 200, 1_000
ONTOLOGY = f"""
@base <{BASE}> .
@prefix : <{BASE}ontology/> .
@prefix kg: <https://w3id.org/linli/kg#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
:Hall a owl:Class ; kg:isPrimary true ; rdfs:label "会堂"@zh-hans .
:Guild a owl:Class ; kg:isPrimary true ; rdfs:label "行会"@zh-hans .
:Event a owl:Class ; rdfs:label "大事"@zh-hans .
:hasMember a owl:ObjectProperty ; rdfs:label "成员"@zh-hans .
:tookPlaceIn a owl:ObjectProperty ; rdfs:label "地点"@zh-hans .
:on a owl:DatatypeProperty ; rdfs:label "日期"@zh-hans .
<shape/hall> a sh:NodeShape ; sh:targetClass :Hall ; sh:property <shape/members>, <shape/events> .
<shape/members> sh:path :hasMember ; sh:order 1 ; kg:show kg:Actor ; sh:name "成员"@zh-hans .
<shape/events> sh:path [ sh:inversePath :tookPlaceIn ] ; kg:of :Event ; kg:beside :on ;
    sh:order 2 ; sh:name "大事"@zh-hans .
<shape/event> a sh:NodeShape ; sh:targetClass :Event ; sh:property <shape/on> .
<shape/on> sh:path :on ; sh:order 1 ; kg:show kg:Date .
"""


def crowded() -> ox.Store:
    """Return a store with the graph, merged into the default graph as a release's store is."""
    store = ox.Store()
    ontology, told = ox.NamedNode(BASE + "graph/ontology"), ox.NamedNode(BASE + "graph/told")
    store.load(ONTOLOGY.encode(), format=ox.RdfFormat.TURTLE, to_graph=ontology)
    kind = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    label = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
    day = ox.NamedNode("http://www.w3.org/2001/XMLSchema#date")
    hall = ox.NamedNode(HALL)

    def own(name: str) -> ox.NamedNode:
        return ox.NamedNode(BASE + "ontology/" + name)

    def state(subject: ox.NamedNode, predicate: ox.NamedNode, value: ox.NamedNode | ox.Literal) -> None:
        store.add(ox.Quad(subject, predicate, value, told))

    state(hall, kind, own("Hall"))
    state(hall, label, ox.Literal(NAME, language="zh-hans"))
    for number in range(MEMBERS):
        member = ox.NamedNode(f"{BASE}id/guild/{number:03}")
        name = UNBROKEN if number % 2 else NAME
        state(member, kind, own("Guild"))
        state(member, label, ox.Literal(f"{name}{number}", language="zh-hans"))
        state(hall, own("hasMember"), member)
    for number in range(EVENTS):
        event = ox.NamedNode(f"{BASE}id/event/{number:04}")
        state(event, kind, own("Event"))
        state(event, label, ox.Literal(f"{NAME}{number}", language="zh-hans"))
        state(event, own("tookPlaceIn"), hall)
        date = f"{1980 + number % 40}-{number % 12 + 1:02}-{number % 28 + 1:02}"
        state(event, own("on"), ox.Literal(date, datatype=day))
    for quad in list(store):
        store.add(ox.Quad(quad.subject, quad.predicate, quad.object))
    return store
