"""The verdict on a source's evidence: a file beside its data that says what was checked, by digests.

    data/<source>/_evidence.json
        {"passages": {"p05": {"text": sha256, "graph": sha256, "support": sha256,
                              "figures": 4, "names": 14, "dates": 0, "read": [...]}}}

A verdict is written only when everything was found. ``graph`` is over the passage's graph, ``support`` over
its spans, and ``read`` lists what the text does not say but a reading with its reason does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from kg.errors import DataError, Fault
from kg.evidence.roles import read_roles
from kg.evidence.source import Passage, base_of, digest, read_passages
from kg.evidence.statements import DATE, FIGURE, NAME, Statement
from kg.machine.whole import write_whole

FILE = "_evidence.json"


def verdict_of(passage: Passage, counted: Mapping[str, int], read: list[Statement]) -> dict[str, Any]:
    """Return the verdict on a passage in whose text everything was found, or is read with a reason."""
    return {
        "text": passage.sha256,
        "graph": digest(passage.stated),
        "support": digest(passage.span_quads, passage.record),
        **{f"{kind}s": number for kind, number in sorted(counted.items())},
        "read": [f"<{one.subject}> <{one.path}> {one.value}" for one in read],
    }


def write(folder: Path, passages: Mapping[str, Mapping[str, Any]]) -> None:
    """Write a source's verdict, the same bytes for the same content."""
    text = json.dumps({"passages": passages}, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    write_whole(folder / FILE, text)


def read(folder: Path) -> dict[str, Any]:
    """Return a source's verdicts by locator, if any. Raises DataError when the file is damaged."""
    path = folder / FILE
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["passages"]
        return dict(found)
    except (ValueError, KeyError, TypeError) as error:
        raise DataError("a verdict can't be read", (Fault(f"not a verdict: {error}", path),)) from None


def stale(ontology: Path, data: Path) -> Iterator[Fault]:
    """Yield a warning for each passage that changed since its evidence was checked, or was never checked.

    Only sources that have a verdict are looked at: the others say themselves that nobody checked them.
    """
    folders = sorted(path.parent for path in data.glob(f"*/{FILE}"))
    roles, base = read_roles(ontology), base_of(data) if folders else ""
    for folder in folders:
        yield from stale_of(folder, read_passages(folder, base, roles))


def stale_of(folder: Path, passages: Iterable[Passage]) -> Iterator[Fault]:
    """Yield the same for one source that has a verdict."""
    known = read(folder)
    for passage in passages:
        if not passage.stated:
            continue
        problem = _problem(passage, known.pop(passage.locator, None))
        if problem:
            yield _fault(problem, folder, passage.iri)
    for locator in sorted(known):
        yield _fault("a verdict on a passage that has no graph", folder, locator)


def checked(ontology: Path, data: Path) -> int | None:
    """Return how many values were found in their texts and haven't changed since; None if nobody looked."""
    folders = sorted(path.parent for path in data.glob(f"*/{FILE}"))
    if not folders:
        return None
    roles, base, total = read_roles(ontology), base_of(data), 0
    for folder in folders:
        known = read(folder)
        for passage in read_passages(folder, base, roles):
            verdict = known.get(passage.locator)
            if verdict is not None and not _problem(passage, verdict):
                total += sum(int(verdict[f"{kind}s"]) for kind in (FIGURE, NAME, DATE))
    return total


def _problem(passage: Passage, verdict: Mapping[str, Any] | None) -> str | None:
    if verdict is None:
        return "the evidence of this passage has not been checked against its text"
    now = (passage.sha256, digest(passage.stated), digest(passage.span_quads, passage.record))
    if now != (verdict.get("text"), verdict.get("graph"), verdict.get("support")):
        return "this passage changed since its evidence was checked against its text"
    return None


def _fault(message: str, folder: Path, focus: str) -> Fault:
    hint = "whoever has the text runs: kg check --sources FOLDER --record"
    return Fault(message, folder / FILE, focus=focus, hint=hint, severity="warning")
