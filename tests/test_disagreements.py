"""The rule that tells of two documents which give one figure differently."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from kg import resources

BASE = "https://w3id.org/linli/"
HEAD = f"""
@base <{BASE}> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix linli: <{BASE}ontology/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<source/early> dcterms:issued "2022-06-13"^^xsd:date .
<source/late> dcterms:issued "2023-11-22"^^xsd:date .
<source/later> dcterms:issued "2023-12"^^xsd:gYearMonth .
<source/undated> linli:summary "no day" .
<source/unsure> linli:summary "no day" .
"""


def figure(document: str, value: int, more: str = "") -> str:
    """What a document says of the residents of one place."""
    name = f"<id/measurement/place/residents-{document}>"
    return f"""
GRAPH <graph/{document}/p01> {{
    <id/place> linli:hasMeasurement {name} .
    {name} linli:hasQuantity <vocabulary/quantity/residents> ; linli:hasUnit <vocabulary/unit/person> ;
        linli:value {value} {more} .
}}
"""


def found(*figures: str) -> int:
    """How many pairs the rule tells of."""
    store = ox.Store()
    store.load((HEAD + "".join(figures)).encode(), format=ox.RdfFormat.TRIG)
    store.extend(ox.Quad(q.subject, q.predicate, q.object) for q in list(store))
    rule = resources.ontology_dir() / "rules" / "disagreements.rq"
    told = store.query(rule.read_text(encoding="utf-8"))
    assert isinstance(told, ox.QueryTriples)
    return len(set(told))


YEAR = '; linli:date "2021"^^xsd:gYear'
BEFORE = "; linli:hasPhase <vocabulary/phase/before>"
SO_FAR = "; linli:hasPhase <vocabulary/phase/cumulative>"
OTHER_YEAR = '; linli:date "2020"^^xsd:gYear'


@pytest.mark.parametrize(
    ("figures", "pairs"),
    [
        ((figure("late", 10), figure("later", 12)), 1),
        ((figure("late", 10), figure("later", 10)), 0),
        # each holds as of its document, and those are of two years
        ((figure("early", 10), figure("late", 12)), 0),
        ((figure("early", 10, SO_FAR), figure("late", 12, SO_FAR)), 0),
        # how it was before the works is one figure, whenever it is told
        ((figure("early", 10, BEFORE), figure("late", 12, BEFORE)), 1),
        # of documents without a day nothing tells the two figures apart
        ((figure("undated", 10), figure("unsure", 12)), 1),
        ((figure("early", 10, YEAR), figure("late", 12, YEAR)), 1),
        ((figure("early", 10, YEAR), figure("late", 12, OTHER_YEAR)), 0),
        ((figure("early", 10, YEAR), figure("late", 12)), 0),
    ],
)
def test_documents_disagree_on_one_figure_of_one_time(figures: tuple[str, ...], pairs: int) -> None:
    assert found(*figures) == pairs
