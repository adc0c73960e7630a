"""What second readers found, kept beside the source's data.

    data/<source>/_review.json
        {"curator": "curator-1",
         "passages": {"p03": {"text": sha256, "reviews": [
            {"by": "reader-2", "on": "2026-11-27", "yes": "0a1b... 2c3d...", "no": "", "reading": ""}]}}}

Readers are named by their role. A sentence is named by its digest, so a change of it takes the verdict away.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from kg.errors import DataError, Fault, UsageError
from kg.review.sentences import Sentence

FILE = "_review.json"
YES, NO, READING = "yes", "no", "reading"
VERDICTS = (YES, NO, READING)
_ROLE = re.compile(r"[a-z]+(?:-[a-z]+)*-[0-9]+")


@dataclass(frozen=True)
class Verdict:
    """What one reader found of one sentence of a passage, and when."""

    passage: str
    text: str
    digest: str
    verdict: str
    by: str
    on: str


def read(folder: Path) -> dict[str, Any]:
    """Return what is kept of a source, or nothing. Raises DataError when the file is damaged."""
    path = folder / FILE
    if not path.is_file():
        return {"curator": None, "passages": {}}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        for entry in found["passages"].values():
            for review in (entry["text"], *entry["reviews"])[1:]:
                for key in ("by", "on", *VERDICTS):
                    review[key].split()
        found["curator"].split()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        hint = "take it as it was from the history, and record the review again"
        raise DataError(
            "a review can't be read", (Fault(f"not a review: {error}", path, hint=hint),)
        ) from None
    return dict(found)


def verdicts(kept: Mapping[str, Any]) -> list[Verdict]:
    """Return every verdict that is kept, in the order of the file."""
    return [
        Verdict(passage, entry["text"], digest, verdict, review["by"], review["on"])
        for passage, entry in kept["passages"].items()
        for review in entry["reviews"]
        for verdict in VERDICTS
        for digest in review[verdict].split()
    ]


def record(
    folder: Path,
    sentences: Iterable[Sentence],
    found: Mapping[str, Collection[int]],
    *,
    by: str,
    curator: str | None = None,
    on: date | None = None,
) -> int:
    """Keep what a reader found: for each verdict the numbers of the sentences. Returns how many were kept.

    A reader's later verdict on a sentence takes the place of the earlier. ``curator`` is said once, with the
    first review. Raises UsageError for a name that is no role, a reader who is the curator, and a number that
    is no sentence's or comes twice.
    """
    kept = read(folder)
    owner = curator or kept["curator"]
    _hold_roles(by, owner, kept["curator"], folder.name)
    by_number = {one.number: one for one in sentences}
    _hold_numbers(found, by_number)
    kept["curator"] = owner
    for verdict, numbers in found.items():
        for number in numbers:
            _keep(kept["passages"], by_number[number], verdict, by, (on or date.today()).isoformat())
    _write(folder, kept)
    return sum(len(numbers) for numbers in found.values())


def _hold_roles(by: str, owner: str | None, known: str | None, source: str) -> None:
    for role in (by, owner):
        if role is not None and not _ROLE.fullmatch(role):
            raise UsageError(
                f"{role!r} is no role", hint="a role is a word and a number, as reader-2; no name of a person"
            )
    if owner is None:
        raise UsageError(f"who wrote {source} down isn't known", hint="say it once: --curator curator-1")
    if known is not None and owner != known:
        raise UsageError(f"{source} was written down by {known}, not by {owner}")
    if by == owner:
        raise UsageError(f"{by} wrote {source} down, so another reader has to review it")


def _hold_numbers(found: Mapping[str, Collection[int]], known: Mapping[int, Sentence]) -> None:
    seen: set[int] = set()
    for verdict, numbers in found.items():
        for number in numbers:
            if number not in known:
                raise UsageError(
                    f"there is no sentence {number}", hint=f"they are numbered from 1 to {len(known)}"
                )
            if number in seen:
                raise UsageError(f"sentence {number} is given two verdicts, {verdict} the second")
            seen.add(number)


def _keep(passages: dict[str, Any], sentence: Sentence, verdict: str, by: str, on: str) -> None:
    entry = passages.setdefault(sentence.passage.locator, {"reviews": []})
    entry["text"] = sentence.passage.sha256 or ""
    digest = sentence.digest
    for review in entry["reviews"]:
        if review["by"] == by:
            for one in VERDICTS:
                review[one] = " ".join(other for other in review[one].split() if other != digest)
    mine = next((one for one in entry["reviews"] if (one["by"], one["on"]) == (by, on)), None)
    if mine is None:
        mine = {"by": by, "on": on, **dict.fromkeys(VERDICTS, "")}
        entry["reviews"].append(mine)
    mine[verdict] = " ".join(sorted({*mine[verdict].split(), digest}))


def renumber(folder: Path, sentences: Iterable[Sentence]) -> dict[str, str]:
    """Carry verdicts over to passages whose text has another number now; returns old numbers with new."""
    kept = read(folder)
    places = {one.passage.sha256: one.passage.locator for one in sentences}
    moved = {
        old: places[entry["text"]]
        for old, entry in kept["passages"].items()
        if entry["text"] in places and places[entry["text"]] != old
    }
    if moved:
        kept["passages"] = {
            moved.get(old, old): entry for old, entry in kept["passages"].items() if _stays(old, moved)
        }
        _write(folder, kept)
    return moved


def _stays(old: str, moved: Mapping[str, str]) -> bool:
    """Tell whether an entry is to be kept: one whose number another takes is of a text that is gone."""
    return old in moved or old not in moved.values()


def _write(folder: Path, kept: Mapping[str, Any]) -> None:
    """Write a source's reviews, the same bytes for the same content; one without a verdict is left out."""
    passages = {
        name: {
            "reviews": sorted(
                (one for one in entry["reviews"] if any(one[v] for v in VERDICTS)),
                key=lambda one: (one["on"], one["by"]),
            ),
            "text": entry["text"],
        }
        for name, entry in kept["passages"].items()
    }
    text = json.dumps(
        {"curator": kept["curator"], "passages": passages}, ensure_ascii=False, indent=1, sort_keys=True
    )
    (folder / FILE).write_text(text + "\n", encoding="utf-8", newline="\n")
