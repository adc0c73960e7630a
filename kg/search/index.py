"""Find things by what a reader typed."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import tantivy
from tantivy import Query

from kg.errors import ReleaseError
from kg.languages import is_transliterated
from kg.machine.room import is_passing, no_room
from kg.machine.system import link_or_copy
from kg.search import ranking
from kg.search.documents import thing_of
from kg.search.hits import Hit, Hits, Match, Name, Thing
from kg.search.make import ABOUT
from kg.search.names import folding
from kg.search.names import likeness as close
from kg.search.names.readings import Sounds
from kg.search.names.typed import Asked, as_it_is, ask, unfilled
from kg.search.queries import Queries

DEEPEST = 1_000
"""Matches that can be paged through; further ones are only counted."""
CLOSE = 8
"""Close names that are given."""

_KEPT = 4_096
_UPWARDS = 8
_CANDIDATES = 60
_KINDS = 200


def _opened(path: Path) -> tantivy.Index:
    """Open tantivy's index, also where nothing can be written."""
    try:
        return tantivy.Index.open(str(path))
    except ValueError:
        if os.access(path, os.W_OK):
            raise
    # tantivy opens an index only where it can make a lock file, so it is given a temporary folder of links to
    # the files. Once they are open they are mapped into memory, and the folder isn't needed; a lock file that
    # is made while it is removed may be left.
    with tempfile.TemporaryDirectory(prefix="kg-search-", ignore_cleanup_errors=True) as folder:
        for file in path.iterdir():
            if file.suffix != ".lock":
                link_or_copy(Path(folder) / file.name, file.resolve())
        return tantivy.Index.open(folder)


class Index:
    """An opened index of names. Threads may share it, processes share its pages in memory."""

    def __init__(self, index: tantivy.Index, heard: Sounds) -> None:
        self._schema = index.schema
        self._searcher = index.searcher()
        self._heard = heard
        # Parents and classes are asked for with every hit.
        self._looked_up: Callable[[str], Thing | None] = lru_cache(maxsize=_KEPT)(self._read)
        self._kept: Callable[[int, int], Thing] = lru_cache(maxsize=_KEPT)(self._read_at)

    @classmethod
    def open(cls, path: Path) -> Index:
        """Open the folder that `ensure_index` returned. Raises ReleaseError or StorageError."""
        try:
            about = json.loads((path / ABOUT).read_text(encoding="utf-8"))
            heard = Sounds(about["sounds"], frozenset(about["syllables"]))
            if heard.sounds:
                folding.fold("漢")  # loads the converter now, not while a reader waits
            return cls(_opened(path), heard)
        except (OSError, ValueError, KeyError) as error:
            what = f"the index of names {path} can't be opened"
            if (short := no_room(what, error)) and is_passing(error):
                raise short from error
            raise ReleaseError(f"{what}: {error}", hint="remove it; it is made again") from error

    def __len__(self) -> int:
        """Return how many things can be found."""
        return int(self._searcher.num_docs)

    def look_up(self, iri: str) -> Thing | None:
        """Return what the index has of a thing, or None."""
        return self._looked_up(iri)

    def hit(self, iri: str) -> Hit | None:
        """Return a thing as if it had been found by its name, or None."""
        thing = self.look_up(iri)
        return Hit(thing, "exact", None, self.place(thing)) if thing else None

    def place(self, thing: Thing) -> tuple[Thing, ...]:
        """Return what contains a thing, the outermost first."""
        place: list[Thing] = []
        known = {thing.iri}
        while thing.parent and thing.parent not in known and len(place) < _UPWARDS:
            known.add(thing.parent)
            above = self.look_up(thing.parent)
            if above is None:
                break
            place.append(above)
            thing = above
        return tuple(reversed(place))

    def find(
        self,
        text: str,
        *,
        classes: Iterable[str] = (),
        every: bool = False,
        slips: bool = True,
        counted: bool = True,
        limit: int = 20,
        offset: int = 0,
    ) -> Hits:
        """Return the things with a name or code like ``text``, which may be any string.

        `kg.search.ranking` says in which order. ``classes`` (IRIs) keeps to things of any of them or of their
        subclasses; with ``every``, to things of all of them. No more than `DEEPEST` hits can be paged
        through. If no thing has a code, it is looked for without trailing zeros, which some issuers add.
        ``slips`` False leaves out names that only share a few characters, for callers that use `alike`
        instead; ``counted`` False leaves out the counts by class.
        """
        wanted = tuple(classes)
        found = self._find(text, wanted, limit, offset, every=every, slips=slips, counted=counted)
        for shorter in () if found.total else unfilled(found.text):
            best = self._find(shorter, wanted, 1, 0, every=every).hits
            if best and best[0].match == "exact":
                return replace(self._find(shorter, wanted, limit, offset, every=every), text=found.text)
        return found

    def knows(self, word: str) -> bool:
        """Say whether a name, or a way to spell one, is this word, in the form of `names.folding.word`.

        A look into the index's list of terms, which takes microseconds where a search takes milliseconds.
        """
        fields = ("name",) if folding.is_dense(word) else ("name", "spelling")
        return any(self._searcher.doc_freq(field, word) for field in fields)

    def named(
        self, word: str, *, classes: Iterable[str] = (), every: bool = False, limit: int = 20
    ) -> tuple[Hit, ...]:
        """Return the things of which a name, a way to spell it or a code is this word (`folding.word`).

        What most is written about comes first; ``classes`` and ``every`` are as for `find`.
        """
        if not word:
            return ()
        query = self._queries(as_it_is(word), classes, every=every).named()
        found = ranking.addresses(ranking.best(self._searcher, query, limit))
        return tuple(self._hits(found, word, "exact"))

    def alike(
        self, text: str, *, classes: Iterable[str] = (), every: bool = False, limit: int = 20
    ) -> tuple[Hit, ...]:
        """Return things whose names share the most, and the rarest, pairs of characters with a text.

        The text may contain much else. Works only for scripts that are written without spaces.
        """
        asked = ask(text, self._heard.syllables)
        if not asked.forms:
            return ()
        query = self._queries(asked, classes, every=every).like_grams(swapped=True)
        if query is None:
            return ()
        found = self._searcher.search(query, limit=max(1, limit), count=False).hits
        return tuple(self._hits(ranking.addresses(found), asked.word))

    def _queries(self, asked: Asked, classes: Iterable[str], *, every: bool) -> Queries:
        return Queries(self._schema, self._searcher.doc_freq, asked, classes, every=every)

    def _find(
        self,
        text: str,
        classes: tuple[str, ...],
        limit: int,
        offset: int,
        *,
        every: bool,
        slips: bool = True,
        counted: bool = True,
    ) -> Hits:
        asked = ask(text, self._heard.syllables)
        if not asked.forms:
            return Hits(asked.text, 0, (), (), {}, asked.cut)
        queries = self._queries(asked, classes, every=every)
        offset = max(0, min(offset, DEEPEST))
        wanted = max(0, min(offset + limit, DEEPEST))
        total, found = ranking.ordered(self._searcher, queries, wanted)
        hits = tuple(self._hit(address, match, asked.word) for match, address in found[offset:])
        near = () if total else self._close(queries, asked, slips=slips)
        kinds = self._count(queries.all()) if counted else {}
        return Hits(asked.text, total, hits, near, kinds, asked.cut)

    def _count(self, query: Query) -> dict[str, int]:
        """Count matches by their narrowest classes."""
        wanted = {"kinds": {"terms": {"field": "kind", "size": _KINDS}}}
        buckets = self._searcher.aggregate(query, wanted)["kinds"]["buckets"]
        return {bucket["key"]: int(bucket["doc_count"]) for bucket in buckets}

    def _close(self, queries: Queries, asked: Asked, *, slips: bool) -> tuple[Hit, ...]:
        """Return things whose names are close to what was typed."""
        for query in (*queries.like(), *queries.like_words(), *queries.alike(self._heard.sounds)):
            near = ranking.addresses(ranking.best(self._searcher, query, CLOSE))
            if near:
                return tuple(self._hits(near, asked.word))
        pairs = queries.like_grams() if slips else None
        if pairs is None or not close.forgiven(asked.word):
            return ()
        candidates = ranking.addresses(self._searcher.search(pairs, limit=_CANDIDATES, count=False).hits)
        return tuple(_closest(self._hits(candidates, asked.word), asked.word)[:CLOSE])

    def _hits(
        self, addresses: Iterable[tantivy.DocAddress], word: str, match: Match = "close"
    ) -> Iterator[Hit]:
        return (self._hit(address, match, word) for address in addresses)

    def _hit(self, address: tantivy.DocAddress, match: Match, word: str) -> Hit:
        thing = self._kept(address.segment_ord, address.doc)
        return Hit(thing, match, _matched(thing, word), self.place(thing))

    def _read(self, iri: str) -> Thing | None:
        query = Query.term_query(self._schema, "iri", iri, "basic")
        hits = self._searcher.search(query, limit=1, count=False).hits
        return self._kept(hits[0][1].segment_ord, hits[0][1].doc) if hits else None

    def _read_at(self, segment: int, number: int) -> Thing:
        return thing_of(self._searcher.doc(tantivy.DocAddress(segment, number)))


def _closest(hits: Iterable[Hit], word: str) -> list[Hit]:
    """Return the hits with a name within the edits that are forgiven, the closest first."""
    limit = close.forgiven(word)
    found = []
    for hit in hits:
        names = {folding.word(name.value) for name in hit.thing.names}
        edits = min(close.distance(word, name, limit) for name in names)
        if edits <= limit:
            found.append((edits, -hit.thing.written, hit.thing.iri, hit))
    return [hit for *_order, hit in sorted(found, key=lambda one: one[:3])]


def _matched(thing: Thing, word: str) -> Name | None:
    """Return the name or code that contains a word: best an equal one, then one that begins with it."""
    names = [name for name in thing.names if not is_transliterated(name.language)]
    ways = []
    for at, name in enumerate((*names, *map(Name, thing.codes))):
        folded = folding.word(name.value)
        if word in folded:
            ways.append(((word != folded, not folded.startswith(word), at), name))
    return min(ways, key=lambda way: way[0])[1] if ways else None
