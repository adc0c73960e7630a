"""The W3C's tests of SPARQL 1.0 and 1.1 through files that are opened as they are, as `kg query --data` does.

Those whose data is a default graph: opened files have all graphs in the merge. A row's IRIs of blank nodes
are read as the blank nodes that they stand for.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.blanks import as_blank
from kg.engine import Result
from kg.engine.local import LocalEngine
from kg.errors import QueryError
from kg.notebook import ask
from kg.opening import Options, open_paths
from kg.release.store import ensure_store
from tests import w3c
from tests.shared import shared
from tests.w3c_known import FORMS, OTHERWISE

pytestmark = pytest.mark.long

OTHERWISE_OPENED = {
    **dict.fromkeys(
        (f"sparql10/expr-builtin/dawg-{name}-1" for name in ("isBlank", "isIRI", "isURI")),
        "a blank node is an IRI inside (docs/opening.md)",
    ),
    "sparql10/graph/dawg-graph-04": "what stands in no graph is also in one that is named after its file",
}


def blank_again(result: Result) -> Result:
    rows = [tuple(None if term is None else as_blank(term) for term in row) for row in result.rows]
    triples = [ox.Triple(as_blank(s), p, as_blank(o)) for s, p, o in result.triples]
    return Result(result.kind, result.variables, rows, result.boolean, triples)


def verdict(engine: LocalEngine, case: w3c.Case) -> str:
    try:
        got = blank_again(ask(engine, case.text, {}))
    except QueryError as error:
        return f"refused: {error.message}"
    expected = w3c.expected(case)
    for form in (lambda one: one, w3c.in_form):
        if w3c.same(form(got), form(expected), lax=case.lax):
            return "passed"
    return f"{len(got)} rows for {len(expected)}"


def test_opened_files_are_asked_as_the_suites_expect(tmp_path: Path):
    root = w3c.unpack(shared("w3c-tests/sparql.tar.gz"), tmp_path / "suites")
    chosen = [
        case
        for case in w3c.cases(root)
        if case.kind == "answer"
        and case.data
        and not case.named
        and case.result.suffix != ".csv"  # how rows are written is tested with the endpoint
        and not w3c.from_names(case)
        and not case.name.startswith("sparql12/")
    ]
    assert len(chosen) > 400
    wrong = {}
    key = lambda case: case.data  # noqa: E731 - what they are grouped by
    for files, cases in itertools.groupby(sorted(chosen, key=key), key=key):
        base = Options(base=w3c.iri(root, files[0])) if len(files) == 1 else Options()
        found = open_paths(files, base, cache=tmp_path / "cache", served=False).release
        with LocalEngine.open(ensure_store(found)) as engine:
            for case in cases:
                said = verdict(engine, case)
                listed = case.name in FORMS or case.name in OTHERWISE
                if said != "passed" and not listed and not said.startswith("refused"):
                    wrong[case.name] = said
    assert wrong.keys() == OTHERWISE_OPENED.keys(), json.dumps(wrong, indent=1)
