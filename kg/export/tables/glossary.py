"""What classes and properties are called and mean, for the metadata of tables."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from kg.engine import Engine
from kg.export.entity import BATCH
from kg.sparql.bind import bind, load

Glossary = dict[str, dict[str, dict[str, str]]]
"""By term: ``label`` and ``definition``, each by language."""


def glossary(engine: Engine, terms: Iterable[str]) -> Glossary:
    """Return names and definitions of some terms. Raises QueryError."""
    nodes = [ox.NamedNode(term) for term in dict.fromkeys(terms) if term]
    found: Glossary = {}
    for start in range(0, len(nodes), BATCH):
        query = bind(load("kg/export/tables/terms-about"), term=nodes[start : start + BATCH])
        for row in engine.query(query).dicts():
            term = str(getattr(row["term"], "value", ""))
            for name in ("label", "definition"):
                value = row.get(name)
                if isinstance(value, ox.Literal):
                    texts = found.setdefault(term, {}).setdefault(name, {})
                    texts[value.language or "und"] = min(
                        value.value, texts.get(value.language or "und", value.value)
                    )
    return found
