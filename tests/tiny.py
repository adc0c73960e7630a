"""Releases made of a few lines, for tests of what reads a release and not of what builds one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from kg.machine.digests import sha256_of
from kg.release import MANIFEST, Release, open_release

SHAPES = """
@prefix kg: <https://w3id.org/linli/kg#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
<x:shape> sh:property [ sh:path <x:partOf> ; kg:show kg:Breadcrumb ] .
"""
RDF, RDFS = "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://www.w3.org/2000/01/rdf-schema#"
SKOS, KG = "http://www.w3.org/2004/02/skos/core#", "https://w3id.org/linli/kg#"


def quad(subject: str, predicate: str, value: str, graph: str = "x:g") -> str:
    """A line of N-Quads; ``value`` is an IRI, or a literal if it starts with a quote."""
    term = value if value.startswith('"') else f"<{value}>"
    return f"<{subject}> <{predicate}> {term} <{graph}> .\n"


def named(iri: str, name: str, cls: str = "x:Thing", **more: str | Iterable[str]) -> list[str]:
    """The lines of a thing with a name (as ``text@tag``), and of further names, codes and a parent."""
    lines = [quad(iri, RDF + "type", cls)]
    properties = {"alias": SKOS + "altLabel", "code": SKOS + "notation", "part_of": "x:partOf"}
    text, _, tag = name.rpartition("@")
    lines.append(quad(iri, RDFS + "label", f'"{text}"@{tag}'))
    for key, values in more.items():
        for value in [values] if isinstance(values, str) else values:
            text, _, tag = value.rpartition("@")
            terms = {"alias": f'"{text}"@{tag}', "code": f'"{value}"', "part_of": value}
            lines.append(quad(iri, properties[key], terms[key]))
    return lines


def written(iri: str, count: int) -> list[str]:
    """The lines of so many statements about a thing in a passage's graph."""
    basis = quad("x:g/passage", KG + "basis", KG + "Stated", "x:g/meta")
    return [basis, *(quad(iri, "x:says", f'"{n}"', "x:g/passage") for n in range(count))]


def release_of(
    folder: Path, lines: Iterable[str], *, shapes: str = SHAPES, superseded: Iterable[str] = ()
) -> Release:
    """Write a release that has these lines of N-Quads and hardly more."""
    folder.mkdir(parents=True, exist_ok=True)
    content = sorted({line.encode() for line in lines})
    (folder / "dataset.nq").write_bytes(b"".join(content))
    (folder / "shapes.ttl").write_text(shapes, encoding="utf-8")
    names = ("dataset.nq", "shapes.ttl")
    files = {n: {"sha256": sha256_of(folder / n), "bytes": (folder / n).stat().st_size} for n in names}
    manifest = {
        "format": 1,
        "version": "1.0.0",
        "dataset": "x:dataset",
        "base": "x:",
        "prefixes": {},
        "languages": ["en"],
        "titles": {"en": "Tiny"},
        "counts": {},
        "superseded": list(superseded),
        "files": files,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return open_release(folder)
