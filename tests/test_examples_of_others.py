"""1,241 files of example queries that people ask of public endpoints: none is refused but for SERVICE."""

from __future__ import annotations

import re
import tarfile

import pyoxigraph as ox

from kg.engine.door import Policy, admit
from kg.engine.local import run
from kg.engine.quirks import of
from kg.errors import EngineError, QueryError, QueryRefused, UnknownFunction
from kg.sparql.checking.guard import Limits
from tests.shared import shared

SH = "http://www.w3.org/ns/shacl#"
FORMS = tuple(SH + form for form in ("select", "ask", "construct", "describe"))
STRANGERS = Policy(Limits(known=lambda _iri: True), of())


def examples() -> tuple[list[tuple[str, str]], dict[str, str], int]:
    """The queries by their files, the prefixes that the files declare, and how many files there are."""
    queries, prefixes, files = [], {}, 0
    with tarfile.open(shared("sparql-examples/examples.tar.gz")) as tar:
        for member in tar:
            files += member.isfile()
            stream = tar.extractfile(member) if member.name.endswith(".ttl") else None
            if stream is None:
                continue
            said: dict[object, dict[str, str]] = {}
            for quad in ox.parse(stream.read(), format=ox.RdfFormat.TURTLE, base_iri="http://example.org/"):
                if quad.predicate.value in FORMS:
                    queries.append((member.name, quad.object.value))
                elif isinstance(quad.object, ox.Literal):
                    said.setdefault(quad.subject, {})[quad.predicate.value] = quad.object.value
            for one in said.values():
                if SH + "prefix" in one and SH + "namespace" in one:
                    prefixes[one[SH + "prefix"]] = one[SH + "namespace"]
    return queries, prefixes, files


def test_none_is_refused_but_for_service():
    queries, prefixes, files = examples()
    assert files >= 1241
    assert len(queries) > 1200
    store, refused = ox.Store(), {}
    for name, query in queries:
        declared = set(re.findall(r"(?i)prefix\s+([\w-]*):", query))
        text = (
            "".join(f"PREFIX {p}: <{ns}> " for p, ns in prefixes.items() if p not in declared) + "\n" + query
        )
        try:
            run(store, admit(text, STRANGERS).order, dataset=None, base_iri="http://example.org/")
        except QueryRefused as error:
            if error.limit != "KG_SERVICE_ALLOW" and not isinstance(error, UnknownFunction):
                refused[name] = f"{error.limit}: {error}"
            assert error.limit != "KG_SERVICE_ALLOW" or "service" in query.lower(), name
        except (QueryError, EngineError) as error:
            refused[name] = str(error)
    assert refused == {}
