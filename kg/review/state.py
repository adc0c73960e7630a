"""How far the reading has come: what is unread or changed since, what readers found wrong or differ about."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kg.errors import Fault
from kg.evidence import verdict
from kg.evidence.roles import read_roles
from kg.evidence.source import base_of, read_passages
from kg.machine.garbage import seldom_collected
from kg.machine.handing import Handed
from kg.machine.memory import Memory
from kg.review.glance import nothing_to_say
from kg.review.memory import Said
from kg.review.record import FILE, NO, READING, Verdict, read, verdicts
from kg.review.sentences import Sentence, dependents, sentences_of

_FIRST = (
    "have another reader than its curator read it: kg review {0} --sources FOLDER, then --by ROLE --yes ..."
)
_AGAIN = "read it again: kg review {0} --sources FOLDER, then --by ROLE --yes ..."


@dataclass(frozen=True)
class Count:
    """How many sentences there are, how many a second reader has read, how many of these were found wrong."""

    sentences: int
    read: int
    wrong: int


def _sources(data: Path) -> list[Path]:
    """Return the folders that have passages' graphs."""
    return [folder for folder in sorted(data.iterdir()) if folder.is_dir() and _has_graphs(folder)]


def _has_graphs(folder: Path) -> bool:
    with os.scandir(folder) as found:
        return any(one.name.endswith(".trig") and not one.name.startswith(("_", ".")) for one in found)


def _under_review(data: Path) -> list[Path]:
    """Return the folders that must have been reviewed: all, once one has been; a dataset may do without."""
    found = _sources(data)
    return found if any((folder / FILE).is_file() for folder in found) else []


def _read(ontology: Path, data: Path, folders: list[Path]) -> Iterator[tuple[Path, list[Sentence]]]:
    if folders:
        roles, classes, base = read_roles(ontology), dependents(ontology), base_of(data)
        for folder in folders:
            yield folder, sentences_of(read_passages(folder, base, roles), roles, classes)


def missing(ontology: Path, data: Path) -> dict[str, list[Sentence]]:
    """Return the sentences that no second reader has read, or that changed since, by source."""
    found = {}
    for folder, sentences in _read(ontology, data, _sources(data)):
        valid = {(one.passage, one.digest) for one in _valid(folder, sentences)}
        unread = [one for one in sentences if (one.passage.locator, one.digest) not in valid]
        if unread:
            found[folder.name] = unread
    return found


def count(ontology: Path, data: Path) -> Count:
    """Count sentences, those read by a second reader, and those that one found wrong."""
    total = seen = wrong = 0
    for folder, sentences in _read(ontology, data, _sources(data)):
        valid = _valid(folder, sentences)
        total += len(sentences)
        seen += len({(one.passage, one.digest) for one in valid})
        wrong += len({(one.passage, one.digest) for one in valid if one.verdict == NO})
    return Count(total, seen, wrong)


def _valid(folder: Path, sentences: list[Sentence]) -> list[Verdict]:
    """Return the verdicts that hold: on a sentence that is there, by a reader who didn't write it down."""
    kept = read(folder)
    there = {(one.passage.locator, one.digest) for one in sentences}
    return [one for one in verdicts(kept) if one.by != kept["curator"] and (one.passage, one.digest) in there]


def faults(ontology: Path, data: Path) -> Iterator[Fault]:
    """Yield a warning for each verdict that holds no more, is against a sentence, or is contradicted.

    And for each source that nobody has reviewed, where others have been.
    """
    for folder, sentences in _read(ontology, data, _under_review(data)):
        yield from _faults_of(folder, sentences)


@seldom_collected()
def warnings(
    ontology: Path, data: Path, memory: Memory | None = None, handed: Handed | None = None
) -> list[Fault]:
    """Return what `kg.evidence.stale` and then `faults` yield, each source read once for both.

    ``memory`` has what was said of a source whose files, and the ontology's, are still the same; ``handed``
    may have what files state, as lines of N-Quads.
    """
    checked = {path.parent for path in data.glob(f"*/{verdict.FILE}")}
    looked_at = {*_under_review(data)}
    said = Said(memory or Memory(), ontology, data)
    folders = sorted(checked | looked_at)
    base = base_of(data) if folders else ""
    for folder in folders:
        if said.recall(folder):
            continue
        asked = {"checked": folder in checked, "reviewed": folder in looked_at}
        if nothing_to_say(folder, base, said.terms, handed=handed, **asked):
            said.keep(folder, [], [])
            continue
        passages = read_passages(folder, base, said.roles)
        said.keep(
            folder,
            list(verdict.stale_of(folder, passages)) if folder in checked else [],
            list(_faults_of(folder, sentences_of(passages, said.roles, said.classes)))
            if folder in looked_at
            else [],
        )
    said.save()
    return said.stale + said.faults


def _faults_of(folder: Path, sentences: list[Sentence]) -> Iterator[Fault]:
    kept = read(folder)
    given = verdicts(kept)
    if sentences and not given:
        yield Fault(
            f"nobody has reviewed the document {folder.name}, as others have been",
            folder / FILE,
            focus=folder.name,
            hint=_FIRST.format(folder.name),
            severity="warning",
        )
    places = {one.passage.sha256: one.passage.locator for one in sentences}
    there = {(one.passage.locator, one.digest): one for one in sentences}
    for one in given:
        message, hint = _problem(one, kept["curator"], places, there, folder.name)
        if message:
            yield Fault(
                message,
                folder / FILE,
                focus=f"{folder.name}/{one.passage}",
                hint=hint,
                severity="warning",
            )
    yield from _contradictions(given, there, folder)


def _problem(
    one: Verdict,
    curator: str,
    places: dict[str | None, str],
    there: dict[tuple[str, str], Sentence],
    source: str,
) -> tuple[str | None, str]:
    sentence = there.get((one.passage, one.digest))
    if one.by == curator:
        return f"the review by {one.by} is by the curator", "another reader has to read it"
    if sentence is None:
        moved = places.get(one.text)
        if moved and moved != one.passage:
            return (
                f"the passage {one.passage} has the number {moved} now",
                f"carry its reviews over: kg review {source} --renumber",
            )
        return (
            f"the statement {one.digest} that {one.by} reviewed has changed since, or is gone",
            _AGAIN.format(source),
        )
    if one.verdict == NO:
        return (
            f"{one.by} found that the passage doesn't bear out sentence {sentence.number}",
            "mend or withdraw it, and have it read again",
        )
    if one.verdict == READING and not sentence.is_reading:
        return (
            f"{one.by} found sentence {sentence.number} to be a reading, but it is stated",
            "move it to the reading, with its reason, and have it read again",
        )
    return None, ""


def _contradictions(
    given: list[Verdict], there: dict[tuple[str, str], Sentence], folder: Path
) -> Iterator[Fault]:
    found: dict[tuple[str, str], dict[str, str]] = {}
    for one in given:
        if (one.passage, one.digest) in there:
            found.setdefault((one.passage, one.digest), {})[one.by] = one.verdict
    for (passage, digest), said in found.items():
        if len(set(said.values())) > 1:
            who = ", ".join(f"{by} says {verdict}" for by, verdict in sorted(said.items()))
            message = f"the readers of sentence {there[passage, digest].number} disagree: {who}"
            hint = "settle it between them; whoever changes a verdict records it again"
            yield Fault(
                message, folder / FILE, focus=f"{folder.name}/{passage}", hint=hint, severity="warning"
            )
