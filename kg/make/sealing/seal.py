"""Seal what was built into a release: files beside, checksums, a manifest, and one rename."""

from __future__ import annotations

import hashlib
import heapq
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.errors import ReleaseError
from kg.machine.digests import sha256_of
from kg.machine.progress import Progress, Tick
from kg.make.loading.load import Loaded, superseded
from kg.make.paragraphs import Spo, TurtleWriter, split
from kg.make.sealing.describe import counts, metadata
from kg.make.sealing.sorting import sorted_lines
from kg.make.sealing.workshop import Workshop
from kg.make.shapes import Shapes
from kg.release import FORMAT, MANIFEST, Release, open_release


@dataclass(frozen=True)
class Extras:
    """What goes into a release beside the statements."""

    shapes: Shapes
    questions: Mapping[str, str]
    rules: Mapping[str, str]
    texts: Callable[[], Mapping[str, str]]
    """Gives further files made of the statements, by their names; asked when those are written."""


def seal(loaded: Loaded, extras: Extras, out: Path, progress: Progress, *, final: bool) -> Release:
    """Write the release and make it the active one.

    ``final`` asks for the version itself; else it is ``<version>+dev.<digest8>``, unless the version exists
    and says the same. Raises ReleaseError when the version exists and says something else, StorageError
    when there is no room for it.
    """
    with Workshop(out) as shop:
        _write_files(loaded, extras, shop.path, progress)
        content = _checksums(shop.path)
        version = _version(loaded.config.version, content, out, final=final)
        (shop.path / "metadata.ttl").write_text(
            metadata(loaded, version, content), encoding="utf-8", newline="\n"
        )
        manifest = _manifest(loaded, version, _checksums(shop.path))
        text = json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        (shop.path / MANIFEST).write_text(text, encoding="utf-8", newline="\n")
        shop.publish(version, manifest)
    return open_release(out / version)


def _write_files(loaded: Loaded, extras: Extras, folder: Path, progress: Progress) -> None:
    total = len(loaded.store) + (loaded.counted.quads if loaded.counted else 0)
    with progress.step("seal", total, "statement") as tick:
        with (folder / "dataset.nq").open("wb") as out:
            for line in _lines(loaded, folder):
                out.write(line)
                tick(1)
        _write_turtle(loaded, folder, tick)
    (folder / "shapes.ttl").write_text(extras.shapes.turtle, encoding="utf-8", newline="\n")
    for name, text in sorted(extras.texts().items()):
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    for kind, files in (("questions", extras.questions), ("rules", extras.rules)):
        (folder / kind).mkdir()
        for name, text in sorted(files.items()):
            (folder / kind / name).write_text(text, encoding="utf-8", newline="\n")


def _lines(loaded: Loaded, folder: Path) -> Iterator[bytes]:
    """Yield all lines sorted: those of the store, and those that were never in it."""
    own = sorted_lines(_quads(loaded, folder), folder)
    if loaded.lines is None:
        yield from own
        return
    with loaded.lines.open("rb") as lines:
        yield from heapq.merge(lines, own)


def _quads(loaded: Loaded, folder: Path) -> Iterator[bytes]:
    """Yield the lines of canonical N-Quads of the named graphs, all dumped to one file on the way.

    A dump for each graph would begin a file some thousand times.
    """
    dump = folder / ".dump.nq"
    loaded.store.dump(str(dump), ox.RdfFormat.N_QUADS)
    with dump.open("rb") as lines:
        yield from (line for line in lines if _is_named(line))
    dump.unlink()


def _is_named(line: bytes) -> bool:
    """Say whether a line of canonical N-Quads ends with a graph. Subject, property and graph are IRIs."""
    value = line.split(b" ", 2)[2][:-3]
    if value.startswith(b"<"):
        return b" " in value
    last = value.rpartition(b" ")[2]
    return last.startswith(b"<") and b'"' not in last


def outside(loaded: Loaded) -> frozenset[str]:
    """Return the graphs that aren't in the merge: those that later ones replace, and what is kept apart."""
    return superseded(loaded.store, loaded.config) | loaded.apart


def _write_turtle(loaded: Loaded, folder: Path, tick: Tick) -> None:
    replaced = frozenset(f"<{iri}>" for iri in outside(loaded))
    writer = TurtleWriter(loaded.config.prefixes)
    with (
        (folder / "dataset.nq").open(encoding="utf-8", newline="\n") as lines,
        (folder / "dataset.ttl").open("w", encoding="utf-8", newline="\n") as out,
    ):
        out.writelines(writer.head())
        for paragraph in writer.body(_merge(lines, replaced)):
            out.write(paragraph)
            tick(1)


def _merge(lines: Iterable[str], replaced: frozenset[str]) -> Iterator[Spo]:
    """Yield the triples of sorted N-Quads without doubles, leaving out superseded graphs."""
    last = None
    for line in lines:
        s, p, o, graph = split(line)
        if graph not in replaced and (s, p, o) != last:
            last = (s, p, o)
            yield last


def _checksums(folder: Path) -> dict[str, dict[str, Any]]:
    """Return sha256 and size of every file, by name."""
    found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {
        name: {"sha256": sha256_of(folder / name), "bytes": (folder / name).stat().st_size}
        for name in found
        if not name.startswith(".")
    }


def digest_of(content: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the sha256 (hex) over a release's checksums; metadata.ttl, which names it, is left out."""
    lines = [
        f"{entry['sha256']}  {name}\n" for name, entry in sorted(content.items()) if name != "metadata.ttl"
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _version(version: str, content: Mapping[str, Mapping[str, Any]], out: Path, *, final: bool) -> str:
    digest = digest_of(content)
    try:
        existing = digest_of(open_release(out / version).manifest["files"])
    except ReleaseError:
        existing = None
    if existing == digest or (final and existing is None):
        return version
    if final:
        raise ReleaseError(
            f"release {version} exists in {out} and says something else",
            hint="a release never changes: raise dcat:version in dataset.ttl, or build without --final",
        )
    return f"{version}+dev.{digest[:8]}"


def _manifest(loaded: Loaded, version: str, files: Mapping[str, Any]) -> dict[str, Any]:
    config = loaded.config
    return {
        "format": FORMAT,
        "version": version,
        "dataset": config.iri,
        "base": config.base,
        "referenceDate": config.reference_date,
        "titles": dict(config.titles),
        "languages": list(config.languages),
        "prefixes": dict(config.prefixes),
        "superseded": sorted(outside(loaded)),
        "counts": counts(loaded),
        "files": dict(files),
        **({"home": config.home} if config.home else {}),
        **loaded.facts,
    }
