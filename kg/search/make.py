"""The index of a release: a cache, made from dataset.nq, beside the engine's store."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

from kg.release import Release
from kg.release.caches import Cache

FORMAT = 4
"""What we put into an index, and how; an index of another format is made again."""

ABOUT = "about.json"
"""Beside the index: how the characters of its names sound."""

_HEAP = 128_000_000


def _fill(release: Release, folder: Path) -> None:
    import tantivy

    from kg.search import documents
    from kg.search import fields as terms
    from kg.search.names.readings import sounds
    from kg.search.survey import read_vocabulary, survey

    vocabulary = read_vocabulary(release)
    found = survey(release, vocabulary)
    met = documents.Met()
    index = tantivy.Index(documents.schema(), path=str(folder))
    edge = tantivy.Tokenizer.ngram(1, terms.EDGE, True)
    index.register_tokenizer("edge", tantivy.TextAnalyzerBuilder(edge).build())
    # One thread: the reader of statements is the slower part, and segments stay few.
    writer = index.writer(heap_size=_HEAP, num_threads=1)
    for document in documents.documents(release, vocabulary, found, met):
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    heard = sounds(met.characters, met.syllables)
    about = {"sounds": heard.sounds, "syllables": sorted(heard.syllables)}
    (folder / ABOUT).write_text(json.dumps(about, ensure_ascii=False) + "\n", encoding="utf-8")
    for path in folder.iterdir():
        path.chmod(0o644)


_CACHE = Cache(
    "search", "the index of names", {"engine": f"tantivy {version('tantivy')}", "format": FORMAT}, _fill
)


def ensure_index(release: Release) -> Path:
    """Return the index's folder, making it when need be; see `Cache.ensure`."""
    return _CACHE.ensure(release)


def is_ready(release: Release) -> bool:
    """Say whether a release has a whole index that this program can read."""
    return _CACHE.is_ready(release)
