"""Checking files as they are: warnings about what is doubtful, with file and line."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from kg.blanks import GENID, HOME
from kg.errors import DataError, Fault
from kg.labels import ELSEWHERE, LABELS, XL_LABEL
from kg.machine.progress import Progress, Silent
from kg.make.loading.faults import MOST
from kg.opening.collect import Collected
from kg.opening.inputs import look
from kg.opening.known import is_covered, is_unknown, near
from kg.opening.make import gather
from kg.opening.options import Options
from kg.opening.places import Places
from kg.opening.surveying.description import find
from kg.opening.surveying.survey import TYPE, Survey, survey
from kg.reading.lexical import is_well_typed
from kg.search.statements import Said, by_subject, graph_and_object, iri_of, name_of, written
from kg.terms import OWL, RDFS, SKOS, WELL_KNOWN, Prefixes

EACH = 20
"""How many warnings of one kind name their place; the rest is counted."""
_NAMES = frozenset(map(written, (*LABELS, *ELSEWHERE, XL_LABEL, SKOS + "altLabel")))
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_HTTP = re.compile(r"https?://(\[[0-9a-fA-F:.]+\]|[^/?#\[\]@:]+)(:\d+)?([/?#]|\Z)")
_TYPED = re.compile(rb'"(.*)"\^\^<([^<>"]*)>\Z', re.DOTALL)
_DECLARING = frozenset(
    written(one)
    for one in (
        *(OWL + name for name in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")),
        RDFS + "Class",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#Property",
    )
)


_Place = tuple[bytes, bytes]
"""A graph, and the thing that something is said of there."""


@dataclass(frozen=True)
class Checked:
    """What a check of files found: ``numbers`` has how many warnings there are of each kind."""

    files: int
    statements: int
    warnings: tuple[Fault, ...]
    unread: tuple[tuple[Path, str], ...]
    numbers: dict[str, int]


def check_paths(
    paths: Sequence[Path], options: Options | None = None, *, progress: Progress | None = None
) -> Checked:
    """Read files and say what is doubtful in them.

    Raises UsageError for a path that isn't there, DataError with the faults of what can't be read.
    """
    options, progress = options or Options(), progress or Silent()
    inputs = look(paths, options.syntax)
    with tempfile.TemporaryDirectory(prefix="kg-check-") as place:
        collected = Collected()
        path = gather(inputs, options.base, collected, Path(place), progress)
        if collected.faults:
            raise DataError("not all can be read", tuple(collected.faults[:MOST]))
        with progress.step("check"):
            found = survey(path)
            names = [document.name for document in inputs.documents]
            config = find(found, collected.prefixes, names, title=options.title, base=options.base)
            places = Places(inputs.documents, {**WELL_KNOWN, **collected.prefixes})
            checker = _Checker(places, config.base, Prefixes(config.prefixes))
            checker.go(path, found)
    return Checked(
        len(inputs.files), found.statements, checker.warnings(), inputs.unread, dict(checker.numbers)
    )


@dataclass
class _Checker:
    """Collects warnings by kind; of each kind the first few get their place."""

    places: Places
    base: str
    short: Prefixes
    numbers: Counter[str] = field(default_factory=Counter)
    found: list[Fault] = field(default_factory=list)

    def warnings(self) -> tuple[Fault, ...]:
        """Return the warnings by file and line, and what there is more of each kind."""
        more = [
            Fault(f"{number - EACH:,} more: {kind}", severity="warning")
            for kind, number in self.numbers.items()
            if number > EACH
        ]
        return (
            *sorted(self.found, key=lambda one: (str(one.file or "~"), one.line or 0, one.message)),
            *more,
        )

    def go(self, path: Path, found: Survey) -> None:
        """Read the lines twice: once to check each thing, once for links that lead nowhere."""
        self._terms(found, _declared(path))
        linked: dict[bytes, _Place] = {}
        described: set[bytes] = set()
        base = f"<{self.base}".encode()
        nameless: Counter[bytes] = Counter()
        first: dict[bytes, _Place] = {}
        for subject, said in by_subject(path):
            if subject.startswith(base):
                described.add(subject)
            for predicate, value, graph in _each(said):
                if value.startswith(b"<"):
                    if value.startswith(base) and predicate != TYPE:
                        linked.setdefault(value, (graph, subject))
                    self._iri(value, graph)
                else:
                    self._literal(subject, predicate, value, graph)
            self._iri(subject, graph_and_object(said[0][1])[0])
            self._named(subject, said, nameless, first)
        for cls, number in nameless.most_common():
            graph, subject = first[cls]
            named = found.named[cls]
            message = (
                f"{number:,} of {named:,} {self._put(iri_of(cls))} have no name, such as {_text(subject)}"
            )
            hint = "give it rdfs:label or skos:prefLabel; pages show the end of its IRI"
            self._warn("things without a name", message, graph, _text(subject), hint=hint, count=number)
        if self.base != HOME:
            for value, (graph, subject) in linked.items():
                if value not in described:
                    message = f"{_text(value)} is used, but nothing describes it"
                    hint = "describe it, or mend the IRI"
                    self._warn(
                        "links that lead nowhere", message, graph, _text(value), _text(subject), hint=hint
                    )

    def _terms(self, found: Survey, declared: set[bytes]) -> None:
        """Warn of terms that their vocabulary doesn't have, if it is known or declared in these files."""
        spaces = Counter(_space(term) for term in declared)
        for kind, terms in (("class", found.classes), ("property", found.properties)):
            for term in terms:
                if not term.startswith(b"<") or term in declared:
                    continue
                iri = iri_of(term)
                ours = spaces[_space(term)] > 1 and not is_covered(iri)
                if is_unknown(iri) or ours:
                    meant = near(iri)
                    hint = f"is {self._put(meant)} meant?" if meant else "is it spelt right?"
                    message = f"the {kind} {self._put(iri)} is in no vocabulary that is known here"
                    if ours:
                        message = f"the {kind} {self._put(iri)} isn't declared where its neighbours are"
                    self._warn("terms that no vocabulary has", message, "", f"<{iri}>", hint=hint)

    def _iri(self, term: bytes, graph: bytes) -> None:
        fault = _iri_fault(term)
        if fault:
            self._warn("broken IRIs", f"{_text(term)} {fault}", graph, _text(term), hint="mend the IRI")

    def _literal(self, subject: bytes, predicate: bytes, value: bytes, graph: bytes) -> None:
        if (match := _TYPED.match(value)) is None:
            return
        plain = name_of(b'"' + match[1] + b'"', is_alias=False)
        text, datatype = plain.value if plain else "", match[2].decode()
        if not is_well_typed(text, datatype):
            shown = text if len(text) <= 80 else text[:79] + "…"
            message = f"{shown!r} is no {self._put(datatype)}"
            hint = "write it as the datatype wants it, or choose another datatype"
            self._warn(
                "ill-typed values",
                message,
                graph,
                text,
                _text(subject),
                hint=hint,
                focus=iri_of(subject),
                path=self._put(iri_of(predicate)),
            )

    def _named(
        self,
        subject: bytes,
        said: Sequence[Said],
        nameless: Counter[bytes],
        first: dict[bytes, tuple[bytes, bytes]],
    ) -> None:
        if subject.startswith(b"<" + GENID.encode()) or any(predicate in _NAMES for predicate, _ in said):
            return
        for predicate, value, graph in _each(said):
            if predicate == TYPE:
                nameless[value] += 1
                first.setdefault(value, (graph, subject))

    def _warn(
        self,
        kind: str,
        message: str,
        graph: bytes | str,
        *terms: str,
        hint: str,
        count: int = 1,
        focus: str | None = None,
        path: str | None = None,
    ) -> None:
        self.numbers[kind] += count
        if sum(one.message.startswith(message) for one in self.found) or len(self.found) > MOST:
            return
        if self.numbers[kind] > EACH and count == 1:
            return
        name = graph[1:-1].decode() if isinstance(graph, bytes) else graph
        document, line = self.places.of(name, *terms)
        file = document.path if document else None
        self.found.append(Fault(message, file, line, focus=focus, path=path, hint=hint, severity="warning"))

    def _put(self, iri: str) -> str:
        return self.short.curie(iri) or f"<{iri}>"


def _each(said: Iterable[Said]) -> Iterator[tuple[bytes, bytes, bytes]]:
    last: tuple[bytes, bytes] = (b"", b"")
    for predicate, rest in said:
        graph, value = graph_and_object(rest)
        if (predicate, value) != last:
            last = (predicate, value)
            yield predicate, value, graph


def _declared(path: Path) -> set[bytes]:
    """Return the classes and properties that the files declare themselves."""
    return {
        subject
        for subject, said in by_subject(path)
        if any(p == TYPE and graph_and_object(rest)[1] in _DECLARING for p, rest in said)
    }


def _space(term: bytes) -> bytes:
    return re.split(rb"[^#/]*>\Z", term)[0]


def _text(term: bytes) -> str:
    return term.decode("utf-8", "replace")


@lru_cache(maxsize=65_536)
def _iri_fault(term: bytes) -> str:
    """Return what is wrong with an IRI, empty when nothing is."""
    iri = _text(term)[1:-1]
    if iri.startswith(HOME):
        return "is relative, and the file says to what by no base" if "/graph/" in iri else ""
    if not _SCHEME.match(iri):
        return "has no scheme"
    if iri.startswith(("http:", "https:")) and not _HTTP.match(iri):
        return "has no host"
    if iri.count("http://") + iri.count("https://") > 1 and iri.startswith(("http://http", "https://http")):
        return "begins twice"
    if re.search(r"%(?![0-9A-Fa-f]{2})", iri):
        return "has a % that begins no escape"
    return ""
