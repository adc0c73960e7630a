"""Derive names in one script or language from another, as dataset.ttl asks (kg:transliteration).

Names of what the data is about are derived: the vocabulary and the records of sources are named by hand, and
what somebody searched for is no name. A thing that has a name in the language wanted gets no second one.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path

import pyoxigraph as ox

from kg import terms
from kg.errors import DataError, Fault
from kg.languages import in_all, name_for
from kg.machine.memory import Memory, key_of
from kg.machine.progress import Progress
from kg.make.adding.name_memory import Remembered
from kg.make.adding.romanise import PROCEDURES, Procedure
from kg.make.incremental.dependencies import Read
from kg.make.loading import graphs
from kg.make.loading.config import Config, Transliteration
from kg.make.loading.faults import raise_faults
from kg.make.loading.load import Loaded

ABOUT = "Names in %(target)s, made from names in %(source)s by %(procedure)s."
"""What the graph of derived names is said to hold."""
_NAMES = tuple(ox.NamedNode(p) for p in (terms.RDFS + "label", terms.SKOS + "prefLabel"))
_OTHER = ox.NamedNode(terms.SKOS + "altLabel")
_TYPE, _SEARCH = ox.NamedNode(terms.RDF + "type"), ox.NamedNode(terms.KG + "Search")
_READ = (*(Read(prop, None, named=False) for prop in (*_NAMES, _OTHER)), Read(_TYPE, _SEARCH, named=False))
_MERGE = ox.DefaultGraph()
_ByLanguage = dict[str, dict[ox.NamedNode, set[str]]]


def transliterate(
    loaded: Loaded,
    progress: Progress,
    memory: Memory | None = None,
    ahead: Callable[[], Mapping[str, Mapping[str, str]]] = dict,
) -> None:
    """Derive every name asked for; ``memory`` has those that were derived before, ``ahead`` waits for others.

    Raises DataError when a procedure or its table is unknown.
    """
    wanted = in_order(loaded.config.transliterations)
    named = _Named(loaded, {tag for one in wanted for tag in (one.source, one.target)})
    unnamed = cache(lambda: _named_by_hand(loaded) | _searches(loaded))
    with progress.step("names", len(wanted), "procedure") as tick:
        for one in wanted:
            graph = loaded.config.graph(f"derived/{one.name}")
            convert = remembered(one, memory or Memory(), partial(_made, ahead, one.name))
            key, by_hand = key_of(one, sorted(convert.overrides.items())), _by_hand(loaded.config)
            kept = loaded.last.recall(f"names/{one.name}", key, graph, by_hand)
            if kept is not None:
                loaded.add_bytes(graph, kept)
                named.forget()
            else:
                triples = _derived(loaded, one, convert, named, unnamed())
                convert.save()
                if loaded.last:
                    lines = "".join(f"{triple} .\n" for triple in triples).encode()
                    loaded.last.stated(f"names/{one.name}", key, graph, _READ, lines)
                loaded.add(graph, triples)
                named.add(triples)
            loaded.notes[graph] = {
                tag: text
                % {
                    "target": name_for(one.target, tag),
                    "source": name_for(one.source, tag),
                    "procedure": one.procedure,
                }
                for tag, text in in_all(ABOUT).items()
            }
            tick(1)


def remembered(
    one: Transliteration, memory: Memory, ahead: Callable[[], Mapping[str, str]] = dict
) -> Remembered:
    """Return a transliteration's procedure, which knows what it made before.

    Raises DataError when the procedure or its table is unknown.
    """
    overrides = _overrides(one)
    return Remembered(one.name, one.procedure, _procedure(one), overrides, memory, ahead=ahead)


def _made(ahead: Callable[[], Mapping[str, Mapping[str, str]]], name: str) -> Mapping[str, str]:
    return ahead().get(name, {})


class _Named:
    """The names that things have, by property, language and thing; read once, with those that were added."""

    def __init__(self, loaded: Loaded, languages: Collection[str]) -> None:
        self._store, self._languages = loaded.store, frozenset(languages)
        self._found: dict[ox.NamedNode, _ByLanguage] = {}

    def __call__(self, prop: ox.NamedNode, language: str) -> Mapping[ox.NamedNode, Collection[str]]:
        """Return the things that a property names in one of the languages, with their names."""
        if prop not in self._found:
            self._found[prop] = {one: {} for one in self._languages}
            self._take(prop, self._store.quads_for_pattern(None, prop, None, _MERGE))
        return self._found[prop][language]

    def add(self, triples: Iterable[ox.Triple]) -> None:
        """Take names that were added to the store."""
        for triple in triples:
            if triple.predicate in self._found:
                self._take(triple.predicate, (triple,))

    def forget(self) -> None:
        """Read anew what is asked for next: the store has other names."""
        self._found.clear()

    def _take(self, prop: ox.NamedNode, statements: Iterable[ox.Quad | ox.Triple]) -> None:
        found = self._found[prop]
        for one in statements:
            thing, name = one.subject, one.object
            if isinstance(name, ox.Literal) and name.language in found and isinstance(thing, ox.NamedNode):
                found[name.language].setdefault(thing, set()).add(name.value)


def _derived(
    loaded: Loaded, one: Transliteration, convert: Procedure, named: _Named, skip: set[ox.NamedNode]
) -> list[ox.Triple]:
    sources = loaded.config.base + "source/"
    triples = []
    for prop in (*_NAMES, _OTHER):
        target = named(prop, one.target)
        for thing, names in named(prop, one.source).items():
            had = target.get(thing, frozenset())
            if thing in skip or thing.value.startswith(sources) or (had and prop != _OTHER):
                continue
            made = {convert(name) for name in names} - {""}
            triples += [
                ox.Triple(thing, prop, ox.Literal(n, language=one.target)) for n in made.difference(had)
            ]
    return triples


def _by_hand(config: Config) -> list[str]:
    """Return the graphs whose names are given by hand."""
    return [config.graph(name) for name in (graphs.ONTOLOGY, graphs.DATASET)]


def _named_by_hand(loaded: Loaded) -> set[ox.NamedNode]:
    """Return what the vocabulary and the dataset's description name."""
    found: set[ox.NamedNode] = set()
    for graph in _by_hand(loaded.config):
        loaded.settle(graph)
        quads = loaded.store.quads_for_pattern(None, None, None, ox.NamedNode(graph))
        found.update(q.subject for q in quads if isinstance(q.subject, ox.NamedNode))
    return found


def _searches(loaded: Loaded) -> set[ox.NamedNode]:
    """Return the searches for documents: their words are kept as they were typed."""
    quads = loaded.store.quads_for_pattern(None, _TYPE, _SEARCH, _MERGE)
    return {q.subject for q in quads if isinstance(q.subject, ox.NamedNode)}


def in_order(wanted: Sequence[Transliteration]) -> list[Transliteration]:
    """Sort so that what another one reads is written first. Raises DataError when they go in a circle."""
    rest, ordered = sorted(wanted, key=lambda one: one.name), []
    while rest:
        written_later = {one.target for one in rest}
        ready = [one for one in rest if one.source not in written_later]
        if not ready:
            raise DataError(
                "transliterations read one another in a circle", hint="see kg:transliteration in dataset.ttl"
            )
        ordered += ready
        rest = [one for one in rest if one not in ready]
    return ordered


def _procedure(one: Transliteration) -> Callable[[Mapping[str, str]], Procedure]:
    if one.procedure not in PROCEDURES:
        known = " or ".join(PROCEDURES)
        raise DataError(
            f"the transliteration {one.name} names an unknown procedure {one.procedure!r}",
            hint=f"it is {known}",
        )
    return PROCEDURES[one.procedure]


def _overrides(one: Transliteration) -> Mapping[str, str]:
    """Read the table of exceptions: two columns, a word and its form; lines that start with # are notes."""
    if one.overrides is None:
        return {}
    if not one.overrides.is_file():
        raise_faults(
            [
                Fault(
                    "the table of overrides is missing", one.overrides, hint="see kg:overrides in dataset.ttl"
                )
            ]
        )
    return dict(_rows(one.overrides))


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        for number, row in enumerate(csv.reader(stream), 1):
            if not row or row[0].startswith("#"):
                continue
            if len(row) != 2 or not all(cell.strip() for cell in row):
                raise_faults(
                    [Fault("a row of overrides has two cells: a word, the form it takes", path, number)]
                )
            yield row[0].strip(), row[1].strip()
