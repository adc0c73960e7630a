"""Reading the member ``sources`` of an answer's JSON (``docs/sources-of-answers.md``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

SHOWN = 8
"""Passages of one row that a page shows; the answer itself has all."""
LISTED = 1_000
"""Documents of one answer that are listed; the answer itself has all."""


def passages(told: Mapping[str, Any], at: int) -> list[tuple[str, int]]:
    """Return the passages that a row's statements stand in, each with its document, in the order of these."""
    row = told["rows"][at]
    queue = [*(number for way in row["ways"] for number in way), *row.get("others", ())]
    seen: set[int] = set()
    found: dict[str, int] = {}
    while queue:
        number = queue.pop()
        if number in seen:
            continue
        seen.add(number)
        statement = told["statements"][number]
        for graph in statement["graphs"]:
            found |= {one["passage"]: one["document"] for one in told["graphs"][graph]["from"]}
        queue += [n for one in statement.get("from", ()) for way in one["ways"] for n in way]
    return sorted(found.items(), key=lambda pair: (pair[1], pair[0]))


def shortened(told: Mapping[str, Any], order: Iterable[int]) -> dict[str, Any]:
    """Return what a page shows of an answer's sources, as JSON, for the rows whose numbers are in ``order``.

    ``documents`` are the first of ``all``, numbered by their places; ``most`` is the document behind most
    rows, with the number of these and of all rows. Each of ``rows`` has its first ``passages``, each with its
    document, how many are ``left`` out, and its weight (`kg.tracing.weight`). Without sources, ``reason``
    says why.
    """
    if not told["traced"]:
        return {"reason": told["reason"]}
    documents = [one["document"] for one in told["documents"]]
    return {
        "documents": documents[:LISTED],
        "all": len(documents),
        "most": told["summary"].get("most"),
        "count": told["summary"]["rows"],
        "rows": [_row(told["rows"][at], passages(told, at)) for at in order],
    }


def _row(row: Mapping[str, Any], made: list[tuple[str, int]]) -> dict[str, Any]:
    listed = [[passage, document] for passage, document in made if document < LISTED]
    stands = {name: row[name] for name in ("independent", "confidence", "contradicted") if name in row}
    return {
        "passages": listed[:SHOWN],
        "left": len(made) - len(listed[:SHOWN]),
        "lacking": "lacking" in row,
        **stands,
    }
