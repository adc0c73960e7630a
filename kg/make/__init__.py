"""Build a release from an ontology and a folder of data: load, infer, validate, describe, seal.

What is validated is what will be published, so validation comes after inference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kg.errors import Fault
from kg.languages import in_all
from kg.machine.beside import beside, forked
from kg.machine.ending import keep_to_the_end
from kg.machine.garbage import seldom_collected
from kg.machine.handing import Handed
from kg.machine.memory import Memory
from kg.machine.progress import Progress, Silent
from kg.make import validate
from kg.make.adding import infer, meta, transliterate
from kg.make.adding.ahead import names_ahead
from kg.make.loading import load
from kg.make.loading.files import is_large, question_files, shape_files, unread_files
from kg.make.loading.load import Loaded
from kg.make.loading.parse import parse_file
from kg.make.sealing import describe
from kg.make.shapes import Shapes, read_shapes
from kg.release import Release
from kg.review import second

__all__ = ["Progress", "Report", "Silent", "build", "check", "is_large"]


@dataclass(frozen=True)
class Report:
    """What a check found: how many statements there are, and the warnings (errors are raised)."""

    statements: int
    graphs: int
    warnings: tuple[Fault, ...]


def build(
    ontology: Path,
    data: Path,
    out: Path,
    *,
    progress: Progress | None = None,
    final: bool = False,
    warn: Callable[[Fault], None] | None = None,
    memory: Memory | None = None,
) -> Release:
    """Build a release into the folder ``out`` and make it the active one.

    ``final`` seals it as exactly the version in dataset.ttl; else it is ``<version>+dev.<digest8>``. Raises
    DataError with every fault found, or ReleaseError when the version exists and says something else; the
    last release stays in either case. ``warn`` is told what is doubtful, or isn't read. What ``memory`` keeps
    isn't worked out again; the release is the same to the byte.
    """
    # What makes files is imported here: a check, which makes none, need not wait for it.
    from kg import evidence
    from kg.make.sealing import report, seal

    progress = progress or Silent()
    with beside(worth=is_large(data)) as start:
        checked = start(evidence.checked, ontology, data)
        built = _prepare(ontology, data, progress, memory)
        if warn is not None:
            for warning in built.warnings:
                warn(warning)
        with progress.step("describe"):
            describe.add_statistics(built.loaded)
        make = partial(report.texts, built.loaded, built.shapes, checked(), second.find(data))
        # A second process makes these files while this one writes the statements.
        with forked(make, worth=is_large(data)) as texts:
            extras = seal.Extras(built.shapes, built.questions, built.rules, texts)
            return seal.seal(built.loaded, extras, out, progress, final=final)


def check(
    ontology: Path,
    data: Path,
    *,
    progress: Progress | None = None,
    memory: Memory | None = None,
    handed: Handed | None = None,
    once_read: Callable[[], object] | None = None,
) -> Report:
    """Do all of a build but the release. Raises DataError with every fault found.

    What ``memory`` keeps of the last time isn't worked out again; what is said is the same. ``handed`` gets
    what the files state, as lines of N-Quads, and ``once_read`` is called when they are read.
    """
    sizes: list[tuple[int, int]] = []
    built = _prepare(
        ontology,
        data,
        progress or Silent(),
        memory,
        handed=handed,
        once_read=once_read,
        meanwhile=lambda loaded: sizes.append(describe.size(loaded)),
    )
    keep_to_the_end(built.loaded.store)
    return Report(*sizes[0], built.warnings)


@dataclass(frozen=True)
class _Built:
    loaded: Loaded
    shapes: Shapes
    questions: Mapping[str, str]
    rules: Mapping[str, str]
    warnings: tuple[Fault, ...]


@seldom_collected()
def _prepare(
    ontology: Path,
    data: Path,
    progress: Progress,
    memory: Memory | None = None,
    *,
    handed: Handed | None = None,
    once_read: Callable[[], object] | None = None,
    meanwhile: Callable[[Loaded], object] | None = None,
) -> _Built:
    """Do all but describe and seal.

    ``handed`` gets what the files state. ``once_read`` is called when they are read; from then on a core may
    be free. ``meanwhile`` looks at what there is in the end, while others do too.
    """
    kept = second.find(data)
    if kept:
        second.read(kept)
    memory = memory or Memory()
    others: list[Callable[[], object]] = [partial(in_all, transliterate.ABOUT)]
    if once_read:
        others.insert(0, once_read)
    with (
        names_ahead(data, memory) as names,
        load.load(ontology, data, progress, memory, handed=handed, meanwhile=others) as loaded,
    ):
        shapes = read_shapes(shape_files(ontology), loaded.config.prefixes)
        transliterate.transliterate(loaded, progress, memory, names)
        infer.infer(loaded, ontology, progress)
        meta.complete(loaded)
        questions = _questions(ontology, loaded.config.prefixes)
        rules = infer.sealed(ontology, loaded.config.prefixes)
        looking = [partial(meanwhile, loaded)] if meanwhile else []
        warnings = (
            *_unread(ontology, data, loaded),
            *validate.validate(loaded, shapes, ontology, progress, meanwhile=looking),
        )
    loaded.last.save()
    return _Built(loaded, shapes, questions, rules, warnings)


def _unread(ontology: Path, data: Path, loaded: Loaded) -> Iterator[Fault]:
    used = {one.overrides for one in loaded.config.transliterations if one.overrides}
    for path, reason in unread_files(ontology, data, used):
        yield Fault(f"this file isn't read: {reason}", path, severity="warning")


def _questions(ontology: Path, prefixes: Mapping[str, str]) -> Mapping[str, str]:
    """Return the competency questions, by file. Raises DataError where a file of groups is faulty."""
    files = question_files(ontology)
    for path in files:
        if path.suffix == ".ttl":
            for _ in parse_file(path, prefixes):
                pass
    return {path.name: path.read_text(encoding="utf-8-sig") for path in files}
