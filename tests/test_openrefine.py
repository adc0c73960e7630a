"""OpenRefine's own requests, replayed against a server: a column is reconciled and extended.

OpenRefine needs Java and a browser. What is sent here is what its source sends (`StandardReconConfig`,
`ReconciledDataExtensionJob` and its dialogs, 3.9): the manifest by the browser, the batches and the columns
as forms by the server part, each cell read back as it reads them.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.servers import Served

COLUMN = [
    "雪梨",
    "Snow Pear",
    "紅燈籠",
    "red lantern",
    "長嶺果園",
    "石桥果园",
    "北坡",
    "Tree 1",
    "xueli",
    "nothing",
    "石橋果園 ",
]
MEANT = {
    "雪梨": "id/variety/snow-pear",
    "Snow Pear": "id/variety/snow-pear",
    "紅燈籠": "id/variety/red-lantern",
    "red lantern": "id/variety/red-lantern",
    "長嶺果園": "id/orchard/long-ridge",
    "石桥果园": "id/orchard/stone-bridge",
    "石橋果園 ": "id/orchard/stone-bridge",
    "北坡": "id/plot/long-ridge-north",
    "Tree 1": "id/tree/01",
    "xueli": "id/variety/snow-pear",
}


class OpenRefine:
    """A client that sends what OpenRefine sends."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.manifest = self.browse(address)

    def browse(self, address: str) -> Any:
        """Ask as the browser does, from OpenRefine's own address."""
        headers = {
            "Origin": "http://127.0.0.1:3333",
            "Accept": "application/json, text/javascript, */*; q=0.01",
        }
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=30) as reply:
            assert reply.headers["Access-Control-Allow-Origin"] == "*"
            return json.load(reply)

    def post(self, name: str, value: str) -> Any:
        """Send one field as a form, as the server part does."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "User-Agent": "OpenRefine/3.9",
            "Accept-Encoding": "gzip, x-gzip, deflate",
        }
        request = urllib.request.Request(self.address, urlencode({name: value}).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as reply:
            body = reply.read()
            if reply.headers.get("Content-Encoding") == "gzip":
                import gzip

                body = gzip.decompress(body)
        return json.loads(body)

    def reconcile(
        self, cells: Sequence[str], kind: str = "", details: Mapping[str, Sequence[object]] | None = None
    ) -> list[list[dict[str, Any]]]:
        """Return the candidates of each cell, best first; ``details`` are columns beside it, by property."""
        size = min(max(len(cells) // 10, 10), self.manifest.get("batchSize", 10))
        found = []
        for start in range(0, len(cells), size):
            codes = []
            for row in range(start, min(start + size, len(cells))):
                beside = [
                    {"pid": pid, "v": column[row]}
                    for pid, column in (details or {}).items()
                    if column[row] != ""
                ]
                query: dict[str, object] = {"query": cells[row]}
                if kind:
                    query |= {"type": kind, "type_strict": "should"}
                if beside:
                    query["properties"] = beside
                codes.append(f'"q{row - start}":{json.dumps(query, ensure_ascii=False)}')
            reply = self.post("queries", "{" + ",".join(codes) + "}")
            for number in range(len(codes)):
                results = reply[f"q{number}"]["result"]
                found.append(sorted(results, key=lambda one: -one["score"]))
        return found

    def extend(self, ids: Sequence[str], properties: Sequence[str]) -> dict[str, list[list[object]]]:
        """Return the cells of each thing's columns, read as OpenRefine reads them."""
        node = {"ids": list(ids), "properties": [{"id": one} for one in properties]}
        reply = self.post("extend", json.dumps(node))
        assert [column["id"] for column in reply["meta"]] == list(properties)
        assert all(column["name"] for column in reply["meta"])
        return {
            thing: [[_cell(cell) for cell in row[one]] for one in properties]
            for thing, row in reply["rows"].items()
        }


def _cell(cell: Mapping[str, Any]) -> object:
    if "id" in cell:
        return (cell["id"], cell["name"])
    (kind,) = cell
    return {"str": str, "int": int, "float": float, "bool": bool, "date": str}[kind](cell[kind])


@pytest.fixture(scope="module")
def served(orchard_served: Served) -> Served:
    return orchard_served


@pytest.fixture(scope="module")
def refine(served: Served) -> OpenRefine:
    return OpenRefine(served.url + "/reconcile")


def test_a_column_is_reconciled_and_extended(refine: OpenRefine) -> None:
    found = refine.reconcile(COLUMN)
    matched = {cell: one[0]["id"] for cell, one in zip(COLUMN, found, strict=True) if one and one[0]["match"]}
    assert matched == MEANT
    assert found[COLUMN.index("nothing")] == []
    trees = sorted({one for one in matched.values() if one.startswith("id/tree/")})
    rows = refine.extend(trees, ["ontology/planted", "ontology/isOfVariety", "ontology/isOfVariety|sources"])
    (planted, variety, sources) = rows["id/tree/01"]
    assert planted == ["1893"]
    assert [id for id, _ in variety] == ["id/variety/snow-pear"]
    assert sources
    assert all(name for _, name in (*variety, *sources))


def test_columns_beside_a_name_tell_which_thing_is_meant(refine: OpenRefine) -> None:
    details = {"ontology/standsIn": ["North slope", "南坡"], "ontology/planted": [1893, ""]}
    right, wrong = refine.reconcile(["Tree 1", "Tree 1"], "ontology/Tree", details)
    assert (right[0]["id"], right[0]["match"], right[0]["score"]) == ("id/tree/01", True, 100)
    assert wrong[0]["id"] != "id/tree/01"  # names alike in the right plot go before it
    assert not any(one["match"] for one in wrong)
    before = {"ontology/isOfVariety": [{"id": "id/variety/snow-pear", "name": "Snow Pear"}]}
    (reconciled,) = refine.reconcile(["Tree 1"], "ontology/Tree", before)
    assert reconciled[0]["score"] == 100


def test_the_type_that_openrefine_asks_for_comes_first(refine: OpenRefine) -> None:
    (found,) = refine.reconcile(["長嶺果園"], "ontology/Variety")
    assert (found[0]["id"], found[0]["match"]) == ("id/orchard/long-ridge", False)
    assert found[0]["score"] == 60


def test_the_dialogs_are_answered(refine: OpenRefine) -> None:
    suggest, extend = refine.manifest["suggest"], refine.manifest["extend"]["propose_properties"]
    for kind, prefix, expected in (
        ("entity", "snow", "id/variety/snow-pear"),
        ("type", "orch", "ontology/Orchard"),
        ("property", "plant", "ontology/planted"),
    ):
        service = suggest[kind]["service_url"] + suggest[kind]["service_path"]
        listed = refine.browse(f"{service}?prefix={quote(prefix)}&type=&type_strict=any")["result"]
        assert expected in [one["id"] for one in listed]
    proposed = refine.browse(f"{extend['service_url']}{extend['service_path']}?type=ontology/Tree&limit=50")
    assert "ontology/planted" in [one["id"] for one in proposed["properties"]]
    for template in (refine.manifest["view"]["url"], refine.manifest["preview"]["url"]):
        with urllib.request.urlopen(template.replace("{{id}}", "id/tree/01"), timeout=30) as reply:
            assert b"Tree 1" in reply.read()


def test_what_is_refused_says_why(refine: OpenRefine) -> None:
    with pytest.raises(urllib.error.HTTPError) as raised:
        refine.reconcile(["x"], "ontology/Unicorn")
    assert raised.value.code == 400
    assert b"No class goes by" in raised.value.read()
