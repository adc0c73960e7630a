"""A release as an RO-Crate 1.2: its files with checksums and formats, what it is, and how it is run.

What makes a folder a crate is one JSON-LD document (RO-Crate 1.2, "RO-Crate Metadata Document").
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kg.errors import ReleaseError
from kg.export.about import About, about
from kg.languages import ORIGINAL
from kg.machine.digests import sha256_of
from kg.machine.whole import write_whole
from kg.mediatypes import RDF_FORMATS
from kg.release import MANIFEST, Release
from kg.terms import KG

NAME = "ro-crate-metadata.json"
CONTEXT = "https://w3id.org/ro/crate/1.2/context"
PROFILE = "https://w3id.org/ro/crate/1.2"
_MEDIA = {
    **{f".{one.name}": one.media_type for one in RDF_FORMATS},
    ".rq": "application/sparql-query",
    ".html": "text/html",
    ".json": "application/json",
    ".csv": "text/csv",
}
_TITLE = re.compile(rf"(?m)^#\s*(?:title@{ORIGINAL}:)?\s*(.+)$")
_TOLD = {
    "dataset.nq": "The data: every statement in the named graph that says where it comes from",
    "dataset.ttl": "The merge of the graphs, as Turtle",
    "shapes.ttl": "SHACL shapes: what things must hold, and how they are shown",
    "metadata.ttl": "DCAT and VoID description of the dataset",
    "ontology.html": "The vocabulary, documented",
    "quality.ttl": "Numbers on the quality of the data, each with its query (DQV)",
    MANIFEST: "Version, reference date, counts, and the sha256 of each file",
}


def crate(release: Release, program: str) -> dict[str, Any]:
    """Return the metadata document of a release's crate; ``program`` is our version.

    Raises ReleaseError for a release without a date.
    """
    one = about(release)
    if not one.date:
        raise ReleaseError(
            f"release {release.version} has no date, and a crate must say when it was published",
            hint="dcterms:issued in dataset.ttl",
        )
    people = list(_people(one))
    parts = [{"@id": name} for name in (MANIFEST, *sorted(release.manifest["files"]))]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": one.title,
        "description": one.description or one.title,
        "datePublished": one.date,
        "license": {"@id": one.license} if one.license else one.rights,
        "version": one.version,
        "identifier": one.identifier or one.dataset or f"sha256:{one.digest}",
        "keywords": ", ".join(one.keywords),
        "creditText": one.citation,
        "temporalCoverage": one.as_of,
        "author": _one([{"@id": person["@id"]} for person in people if person["name"] in one.creators]),
        "publisher": next(({"@id": p["@id"]} for p in people if p["name"] == one.publisher), None),
        "usageInfo": {"@id": "#how-to-run"},
        "mentions": {"@id": "#build"},
        "hasPart": parts,
    }
    described = {
        "@id": NAME,
        "@type": "CreativeWork",
        "conformsTo": {"@id": PROFILE},
        "about": {"@id": "./"},
    }
    graph = [described, {key: said for key, said in root.items() if said}, *_files(release), *people]
    if one.license:
        graph.append(
            {"@id": one.license, "@type": "CreativeWork", "name": one.license, "description": one.rights}
        )
    return {"@context": CONTEXT, "@graph": [*graph, *_program(release, program)]}


def _one(found: list[Any]) -> Any:
    """Return the value of a list of one, as the specification's JSON-LD wants it; any other list as it is."""
    return found[0] if len(found) == 1 else found


def _people(one: About) -> Iterator[dict[str, Any]]:
    names = dict.fromkeys(name for name in (*one.creators, one.publisher) if name)
    for number, name in enumerate(names):
        yield {"@id": f"#agent-{number + 1}", "@type": "Organization", "name": name}


def _files(release: Release) -> Iterator[dict[str, Any]]:
    files = release.manifest["files"]
    for name in (MANIFEST, *sorted(files)):
        path = release.path / name
        found = {
            "@id": name,
            "@type": "File",
            "name": name,
            "description": _TOLD.get(name) or _said(path),
            "contentSize": str(path.stat().st_size),
            "encodingFormat": _MEDIA.get(path.suffix, "application/octet-stream"),
            "sha256": files[name]["sha256"] if name in files else "",
        }
        yield {key: said for key, said in found.items() if said}


def _said(path: Path) -> str:
    """Return a description of a file; for a query, the title in its first lines."""
    if path.suffix == ".rq":
        found = _TITLE.search(path.read_text(encoding="utf-8"))
        return found[1].strip() if found else "A query in SPARQL"
    return f"Part of the release: {path.parent.name}/{path.name}"


def _program(release: Release, program: str) -> Iterator[dict[str, Any]]:
    yield {
        "@id": "#how-to-run",
        "@type": "CreativeWork",
        "name": "How to run it",
        "text": f"pip install linli, then: kg serve --release {release.path.name} (in the folder that holds "
        "it); any engine for SPARQL 1.1 loads dataset.nq. kg crate --check compares all files.",
    }
    yield {
        "@id": "#program",
        "@type": "SoftwareApplication",
        "name": "linli",
        "version": program,
        "url": KG.rstrip("#"),  # where our own terms are told; a crate must name one
        "softwareRequirements": "Python 3.11 or newer",
    }
    yield {
        "@id": "#build",
        "@type": "CreateAction",
        "name": "The build of this release",
        "instrument": {"@id": "#program"},
        "result": {"@id": "./"},
    }


def write_crate(release: Release, program: str) -> Path:
    """Write the metadata document beside a release's files, and return it. Raises ReleaseError, StorageError.

    ``program`` is our version. The files are compared with their checksums first: a crate vouches for them.
    """
    release.verify()
    path = release.path / NAME
    write_whole(path, json.dumps(crate(release, program), ensure_ascii=False, indent=2) + "\n")
    return path


def check_crate(folder: Path) -> int:
    """Compare a crate's files with what its metadata says, and return how many there are.

    Raises ReleaseError, with the first file that is missing or was changed.
    """
    try:
        graph = json.loads((folder / NAME).read_text(encoding="utf-8"))["@graph"]
        files = [one for one in graph if one["@type"] == "File"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReleaseError(f"{folder} is no crate: {error}", hint=f"kg crate writes {NAME}") from error
    for one in files:
        path = folder / one["@id"]
        if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
            raise ReleaseError(f"the crate's file {one['@id']} is missing", hint="take the crate anew")
        if "sha256" in one and sha256_of(path) != one["sha256"]:
            raise ReleaseError(
                f"the crate's file {one['@id']} was changed: its sha256 isn't {one['sha256']}",
                hint="take the crate anew, or build another release",
            )
    return len(files)
