"""Check each passage whose text is at hand: is it the text recorded, and does it say what is stated?"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import DataError, Fault, UsageError
from kg.evidence import verdict
from kg.evidence.roles import Roles, read_roles
from kg.evidence.source import Passage, Span, base_of, read_passages
from kg.evidence.statements import DATE, FIGURE, NAME, Statement, is_read, is_said, statements
from kg.evidence.texts import find_texts, read_text

_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


@dataclass(frozen=True)
class Report:
    """What was checked: how many sources, passages and values, and how many values are a reading."""

    sources: int
    passages: int
    values: int
    read: int


def check_sources(ontology: Path, data: Path, texts: Path, *, record: bool = False) -> Report:
    """Check all that the texts in a folder allow; with ``record``, write each source's verdict.

    What was recorded earlier of passages whose text isn't in the folder stays.

    Raises DataError with every value that its text doesn't say, and UsageError when no text fits the data.
    """
    found = list(find_texts(texts, data)) if texts.is_dir() else []
    if not found:
        raise UsageError(
            f"no text in {texts} belongs to a source in {data}",
            hint="a text is called <source>.txt, with a paragraph a line: [p05] The text",
        )
    roles, base = read_roles(ontology), base_of(data)
    faults: list[Fault] = []
    verdicts: dict[Path, dict[str, Any]] = {}
    for name, path in found:
        folder = data / name
        known = verdicts.setdefault(folder, {})
        for passage, result in _check_source(folder, read_text(path), base, roles):
            if isinstance(result, list):
                faults += result
            else:
                known[passage.locator] = result
    if faults:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise DataError(f"the texts don't say all that is stated: {count}", tuple(faults))
    if record:
        for folder, passages in verdicts.items():
            there = {one.locator for one in read_passages(folder, base, roles) if one.stated}
            earlier = {name: one for name, one in verdict.read(folder).items() if name in there}
            verdict.write(folder, {**earlier, **passages})
    return _report(verdicts)


def _report(verdicts: dict[Path, dict[str, Any]]) -> Report:
    passages = [one for known in verdicts.values() for one in known.values()]
    values = sum(one[f"{kind}s"] for one in passages for kind in (FIGURE, NAME, DATE))
    return Report(len(verdicts), len(passages), values, sum(len(one["read"]) for one in passages))


def _check_source(
    folder: Path, paragraphs: dict[str, str], base: str, roles: Roles
) -> Iterator[tuple[Passage, list[Fault] | dict[str, Any]]]:
    for passage in read_passages(folder, base, roles):
        text = paragraphs.get(passage.locator)
        if text is not None and passage.stated:
            yield passage, _check_passage(passage, text, folder, roles)


def _check_passage(passage: Passage, text: str, folder: Path, roles: Roles) -> list[Fault] | dict[str, Any]:
    faults = list(_wrong_text(passage, text, folder))
    if faults:
        return faults
    counted = Counter({FIGURE: 0, NAME: 0, DATE: 0})
    read: list[Statement] = []
    for statement in statements(passage, roles):
        counted[statement.kind] += 1
        if is_said(statement, passage, text):
            continue
        if is_read(statement, passage):
            read.append(statement)
        else:
            faults.append(_not_said(statement, passage, text, folder))
    return faults or verdict.verdict_of(passage, counted, read)


def _wrong_text(passage: Passage, text: str, folder: Path) -> Iterator[Fault]:
    """Yield a fault when the text is not the one that was recorded, or a span lies outside it."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    file = folder / "source.ttl"
    if passage.sha256 is None or passage.length is None:
        hint = f"record its length, {len(text)}, and its SHA-256, {digest}"
        yield Fault("the text of the passage is not recorded", file, focus=passage.iri, hint=hint)
    elif digest != passage.sha256 or len(text) != passage.length:
        message = f"the text has {len(text)} code points, not {passage.length}"
        if len(text) == passage.length:
            message = f"the text's SHA-256 is {digest}"
        yield Fault(
            f"this is not the text that was recorded: {message}",
            file,
            focus=passage.iri,
            hint="take the text from the same copy, or record this one and check the spans",
        )
    for span in passage.spans:
        if not 0 <= span.start < span.end <= len(text):
            message = f"a span runs from {span.start} to {span.end} in a text of {len(text)} code points"
            yield Fault(message, folder, focus=passage.iri, hint="count again, from 0, the end not included")
        elif (number := cut_number(text, span, passage.spans)) is not None:
            message = f"the span from {span.start} to {span.end} cuts the number {number}"
            hint = "point at the whole number, or at another one"
            yield Fault(message, folder, focus=passage.iri, hint=hint)


def cut_number(text: str, span: Span, spans: Iterable[Span]) -> str | None:
    """Return the number, in digits, of which a span takes a part alone, if there is one.

    Where one span ends and another begins a number may end too: in a table whose columns run together.
    """
    seams = {one.start for one in spans} & {one.end for one in spans}
    ends = {span.start, span.end} - seams
    found = (one for one in _NUMBER.finditer(text) if any(one.start() < at < one.end() for at in ends))
    return next((one[0] for one in found), None)


def _not_said(statement: Statement, passage: Passage, text: str, folder: Path) -> Fault:
    said = [text[s.start : s.end] for s in passage.spans if statement.subject in s.supports]
    if said:
        shown = ", ".join(f"“{one}”" for one in said)
        message = f"the {statement.kind} {statement.value} is not in what supports it: {shown}"
        hint = "mend the value or the span; what is concluded stands in the reading, with its reason"
    else:
        message = f"the {statement.kind} {statement.value} has no span that supports it"
        hint = "give it a span, or move it to the reading, with its reason"
    file = folder / f"{passage.locator}.trig"
    return Fault(
        message, file if file.is_file() else folder, focus=statement.subject, path=statement.path, hint=hint
    )
