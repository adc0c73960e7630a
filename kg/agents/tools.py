"""What an agent may do with a release, a method each; their docstrings are what it is told of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from kg.agents import answers, schema, words
from kg.agents.session import Session
from kg.citations.check import cite
from kg.citations.formats import STYLES, Work
from kg.citations.store import QueryStore
from kg.citations.works import release_as_work, result_as_work
from kg.errors import CitationError, UsageError
from kg.explore.model import Entity, Ref, Text, Value
from kg.explore.questions.answers import Answer
from kg.export.about import About, about
from kg.languages import ORIGINAL, language_chain
from kg.notebook import declared
from kg.search import Hit, Thing
from kg.terms import local_name, pick

MOST = 100
"""Hits or rows of a question that are told at once."""

Told = dict[str, Any]


class Tools:
    """The tools of one session. ``language`` is the tag of names that a tool gives unless it is told another.

    What is wrong raises KgError, whose message says what would mend it.
    """

    def __init__(self, session: Session) -> None:
        self.session = session

    def search(
        self, text: str, classes: list[str] | None = None, language: str = ORIGINAL, limit: int = 10
    ) -> Told:
        """Find things by a name, code or spelling, in any script; the best come first.

        Use it to get the IRI of a thing before you read it or ask about it. `classes` (such as
        ["prefix:Class"]) keeps to things of these classes.
        """
        wanted = [self.session.expanded(name) for name in classes or ()]
        hits = self.session.index.find(text, classes=wanted, limit=max(1, min(limit, MOST)))
        told = [self._hit(hit, language) for hit in hits.hits]
        close = [self._hit(hit, language) for hit in hits.close]
        return {"total": hits.total, "hits": told} | ({"close": close} if close else {})

    def read(self, thing: str, language: str = ORIGINAL) -> Told:
        """Read all that is said of one thing, by its IRI (full, or compact as prefix:name), with the sources.

        Numbers in `sources` beside a value lead to the entries of `sources`: the graph that states it, what
        it rests on, how sure it is, and the passage of which document.
        """
        iri = self.session.expanded(thing)
        entity = self.session.explorer.entity(iri, language)
        if entity is None:
            raise UsageError(f"nothing is said of {iri}", hint="search finds the IRI of a thing by its name")
        return _entity(self.session, entity)

    def schema(self, term: str = "", language: str = ORIGINAL) -> str:
        """Tell the vocabulary: without a term the prefixes, classes and lists; with one how it is used.

        Read it before you write SPARQL: properties have the notes on how they are meant to be used.
        """
        if term:
            return schema.term(self.session, term, language)
        return schema.overview(self.session, language)

    def questions(self, language: str = ORIGINAL) -> Told:
        """List the questions that come with this dataset: each is a tested query that `answer` runs."""
        explorer = self.session.explorer
        reader = explorer.reader(language)
        return {
            section.title.value: [
                {"question": one.key, "asks": one.title.value}
                | ({"choose": list(one.choose)} if one.choose else {})
                for one in section.questions
            ]
            for section in explorer.questions.sections(reader)
        }

    def answer(
        self,
        question: str,
        choose: dict[str, str] | None = None,
        language: str = ORIGINAL,
        rows: int = 50,
    ) -> Told:
        """Answer one of the questions that `questions` lists, with its query and its sources.

        `choose` fills what may be chosen, by variable: {"variable": "IRI"}; `offered` tells what can be.
        """
        explorer = self.session.explorer
        reader = explorer.reader(language)
        asked = explorer.questions.one(question, reader)
        if asked is None:
            raise UsageError(f"there is no question {question!r}", hint="`questions` lists them")
        chosen = {name: self.session.expanded(iri) for name, iri in (choose or {}).items()}
        found = explorer.answerer.answer(asked, reader, self.session.queries, chosen)
        if found.problem is not None:
            raise found.problem
        said = found.sentence(asked.pattern, _plain, ", ".join)
        lead = {"question": asked.title.value} | ({"answer": said.value} if said else {})
        return lead | self._answer(found, max(1, min(rows, answers.MOST_ROWS)))

    def query(self, sparql: str, rows: int = 100, sources: bool = True, language: str = ORIGINAL) -> Told:
        """Ask the graph in SPARQL 1.1 (SELECT, ASK, CONSTRUCT, DESCRIBE), within limits of time and memory.

        The dataset's prefixes need not be declared. `row_sources` has, for each row, the numbers of its
        `sources`: the passages that it rests on. `whole` is false where there are more rows than are told.
        `hints` say where an answer may not be what was meant. `schema` tells which terms there are.
        """
        return answers.answer(self.session, sparql, rows=rows, sources=sources, language=language)

    def cite(self, sparql: str = "", title: str = "", language: str = ORIGINAL) -> Told:
        """Cite this release, or the result of a query, which is then kept under an address of its own.

        Gives the citation in the styles of papers. The same query on the same release has one address, under
        which its result can be verified and had again.
        """
        session = self.session
        one = about(session.release, language)
        work = release_as_work(one, url=one.dataset, checksum=f"sha256 {one.digest}", language=language)
        told: Told = {}
        if sparql:
            work, told = self._result(declared(sparql, session.release.prefixes), title, one, language)
        return told | {style: STYLES[style].write(work) for style in ("apa", "bibtex", "gbt7714")}

    def _result(self, text: str, title: str, whole: About, language: str) -> tuple[Work, Told]:
        """Keep a query's citation; return what is cited and what is told of it."""
        session = self.session
        if not session.settings.cite_public:
            raise CitationError("storing citations is closed here", hint="KG_CITE_PUBLIC rules it")
        release = session.release
        result = session.queries.query(text, base_iri=release.base)
        made = datetime.now(UTC).replace(microsecond=0)
        name = session.queries.name
        found = cite(result, release, text, title=title, engine=name, made=made.isoformat())
        store = QueryStore(session.settings.citation_store(release.path.parent))
        kept = store.add(found, limit=session.settings.cite_total)
        work = result_as_work(kept, whole, url=f"{release.base}cite/{kept.id}", language=language)
        told = {"address": work.url, "rows": kept.rows, "checksum": kept.checksum}
        return work, told | ({"warnings": list(kept.warnings)} if kept.warnings else {})

    def _hit(self, hit: Hit, language: str) -> Told:
        prefixes = self.session.explorer.prefixes
        reader = self.session.explorer.reader(language)
        found = {
            "name": _name(hit.thing, language),
            "iri": prefixes.curie(hit.thing.iri) or hit.thing.iri,
            "is": ", ".join(reader.term(iri).label.value for iri in hit.thing.classes[:2]),
            "within": " > ".join(_name(one, language) for one in hit.place),
            "match": hit.match,
            "matched": hit.matched.value if hit.matched else "",
        }
        return {key: said for key, said in found.items() if said}

    def _answer(self, found: Answer, most: int) -> Told:
        prefixes = self.session.explorer.prefixes
        told: Told = {
            "columns": [one.label.value for one in found.columns],
            "rows": [
                [None if value is None else words.value(value, prefixes) for value in row.values]
                for row in found.rows[:most]
            ],
            "count": found.count,
            "whole": found.count <= most and found.whole,
            "row_sources": [list(row.sources) for row in found.rows[:most]],
            "sparql": found.sparql,
        }
        shown = {number for row in found.rows[:most] for number in row.sources}
        told["sources"] = words.sources({n: found.evidence[n] for n in sorted(shown)}, prefixes)
        if found.offered:
            told["offered"] = {
                name: [words.thing(one.ref, prefixes) for one in choices[:MOST]]
                for name, choices in found.offered.items()
            }
        return told


def _entity(session: Session, entity: Entity) -> Told:
    prefixes = session.explorer.prefixes
    told: Told = {
        "iri": entity.iri,
        "name": entity.label.value,
        "is": [words.thing(ref, prefixes) for ref in entity.kinds],
        "within": [words.thing(ref, prefixes) for ref in entity.trail],
        "summary": words.fact(entity.summary, prefixes) if entity.summary else None,
        "names": [words.fact(one, prefixes) for one in entity.names],
        "says": [one for section in entity.sections for one in _section(session, section.statements)],
        "pointing_here": [
            {
                "property": words.thing(group.property, prefixes),
                "count": group.count,
                "things": [
                    words.thing(link.ref, prefixes) | {"sources": list(link.sources or group.sources)}
                    for link in group.items
                ],
            }
            for group in entity.incoming
        ],
        "sources": words.sources(entity.evidence, prefixes),
        "whole": not entity.truncated,
    }
    return {key: said for key, said in told.items() if said not in (None, [], {})}


def _section(session: Session, statements: Any) -> list[Told]:
    prefixes = session.explorer.prefixes
    found = []
    for one in statements:
        told: Told = {"property": words.thing(one.property, prefixes)}
        if one.facts:
            told["values"] = [words.fact(fact, prefixes) for fact in one.facts]
        if one.told:
            told["values"] = [
                {
                    "value": words.thing(item.ref, prefixes),
                    **({"when": item.when} if item.when else {}),
                    "sources": list(item.sources),
                }
                for item in one.told
            ]
        if one.table:
            told["columns"] = [words.thing(ref, prefixes) for ref in one.table.columns]
            told["rows"] = [_row(row, prefixes) for row in one.table.rows]
        more = one.more + (one.table.more if one.table else 0)
        if more:
            told["more"] = f"{more} further ones: {one.sparql}"
        if one.contested:
            told["contested"] = True
        found.append(told)
    return found


def _row(row: Any, prefixes: Any) -> Told:
    cells = [
        [words.value(fact.value, prefixes) for fact in (*cell.qualifiers, *cell.facts, *cell.units)]
        for cell in row.cells
    ]
    return {"cells": cells, "sources": list(row.sources)} | ({"contested": True} if row.contested else {})


def _plain(value: Value) -> str:
    return value.label.value if isinstance(value, Ref) else value.value


def _name(thing: Thing, language: str) -> str:
    label = pick(thing.labels, language_chain(language))
    return Text(label.value).value if label else local_name(thing.iri)
