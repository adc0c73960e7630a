"""What a skeleton left to fill in is found wherever it stands, and told once."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from kg.make.adding.infer import ask
from kg.make.loading.config import read_config
from kg.make.loading.load import Loaded, merge
from kg.make.validate import CHECKS
from tests.conftest import ORCHARD


@pytest.mark.parametrize(
    ("quads", "found"),
    [
        ('<http://e/a> <http://e/p> "FILL IN: a name" <{0}graph/doc/p01> .', ["FILL IN: a name"]),
        ('<http://e/a> <http://e/p> "FILL IN: ein Name"@de <{0}graph/doc/p01> .', ["FILL IN: ein Name"]),
        ('<http://e/a> <http://e/p> "FILL IN"^^<http://e/type> <{0}graph/doc/p01> .', ["FILL IN"]),
        ('<http://e/a> <http://e/p> "to FILL IN" <{0}graph/doc/p01> .', []),
        ('<http://e/a> <http://e/p> "FILL IN" <{0}graph/derived/names> .', []),
        (
            '<http://e/a> <http://e/p> "FILL IN" <{0}graph/doc/p01> .\n'
            '<http://e/a> <http://e/p> "FILL IN" <{0}graph/inferred/rule> .',
            ["FILL IN"],
        ),
        (
            '<http://e/a> <http://e/p> "FILL IN" <{0}graph/old> .\n'
            "<{0}graph/old> <http://purl.org/dc/terms/isReplacedBy> <{0}graph/new> <{0}graph/meta> .",
            ["FILL IN"],
        ),
    ],
)
def test_what_is_still_to_be_written_is_found(quads: str, found: list[str]):
    config, _ = read_config(ORCHARD / "data")
    loaded = Loaded(config, ox.Store())
    loaded.store.load(input=quads.format(config.base), format=ox.RdfFormat.N_QUADS)
    merge(loaded)
    rows = ask(loaded, CHECKS / "unfilled.rq")
    assert isinstance(rows, ox.QuerySolutions)
    assert [row["value"].value for row in rows] == found  # type: ignore[union-attr]
