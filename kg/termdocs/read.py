"""Read a vocabulary out of its triples, whatever ontology they are of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pyoxigraph as ox

from kg.languages import ORIGINAL
from kg.termdocs.vocabulary import Listing, Module, Term, Texts, Vocabulary
from kg.terms import DCTERMS, KG, OWL, RDF, RDFS, SKOS, VOID, Prefixes

_SCHEMA = "https://schema.org/"
_KINDS = {
    OWL + "Class": "class",
    RDFS + "Class": "class",
    OWL + "ObjectProperty": "object",
    OWL + "DatatypeProperty": "datatype",
    OWL + "AnnotationProperty": "annotation",
    RDF + "Property": "object",
}
_TRAITS = {
    OWL + "SymmetricProperty": "symmetric",
    OWL + "TransitiveProperty": "transitive",
    OWL + "FunctionalProperty": "functional",
}
_ALIGNED = (
    tuple(RDFS + name for name in ("subClassOf", "subPropertyOf", "seeAlso"))
    + tuple(OWL + name for name in ("equivalentClass", "equivalentProperty", "inverseOf"))
    + tuple(SKOS + name for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch"))
)
_NOTES = ("scopeNote", "editorialNote", "changeNote")
_LABELS = (SKOS + "prefLabel", RDFS + "label", DCTERMS + "title")
_DEFINITIONS = (SKOS + "definition", RDFS + "comment", DCTERMS + "description")


class _Statements:
    """Triples by subject and property."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self.of: dict[str, dict[str, list[ox.NamedNode | ox.Literal]]] = {}
        for triple in triples:
            if isinstance(triple.subject, ox.NamedNode) and isinstance(
                triple.object, ox.NamedNode | ox.Literal
            ):
                values = self.of.setdefault(triple.subject.value, {})
                values.setdefault(triple.predicate.value, []).append(triple.object)

    def values(self, iri: str, *props: str) -> list[str]:
        """Return the values of properties, sorted."""
        return sorted({value.value for prop in props for value in self.of.get(iri, {}).get(prop, ())})

    def texts(self, iri: str, props: Iterable[str]) -> Texts:
        """Return the text of the first property that has one, by language."""
        for prop in props:
            found = [v for v in self.of.get(iri, {}).get(prop, ()) if isinstance(v, ox.Literal)]
            if found:
                return {value.language or "": value.value for value in sorted(found, key=str, reverse=True)}
        return {}

    def having(self, prop: str, value: str | None = None) -> Iterator[str]:
        """Yield the subjects that have a property, with a value if one is given."""
        for iri in sorted(self.of):
            if prop in self.of[iri] and (value is None or value in self.values(iri, prop)):
                yield iri


def read(triples: Iterable[ox.Triple], prefixes: Mapping[str, str]) -> Vocabulary:
    """Make a vocabulary of triples: the ontology's own, and the statistics (VoID) for how terms are used."""
    said = _Statements(triples)
    reader = _Reader(said, Prefixes(prefixes))
    ontologies = [iri for iri in said.having(RDF + "type", OWL + "Ontology") if not KG.startswith(iri)]
    parts = {part for iri in ontologies for part in said.values(iri, DCTERMS + "hasPart")}
    editions = set(said.having(DCTERMS + "isVersionOf"))
    roots = [iri for iri in ontologies if iri not in parts | editions] or [""]
    root = max(roots, key=lambda iri: len(said.values(iri, DCTERMS + "hasPart")))
    return Vocabulary(
        iri=root,
        labels=said.texts(root, (DCTERMS + "title", RDFS + "label")),
        definition=said.texts(root, _DEFINITIONS),
        version=next(iter(said.values(root, OWL + "versionInfo")), ""),
        modules=tuple(reader.modules(root)),
        lists=tuple(reader.lists()),
        others=reader.others,
    )


class _Reader:
    def __init__(self, said: _Statements, prefixes: Prefixes) -> None:
        self.said = said
        self.prefixes = prefixes
        self.others: dict[str, str] = {}
        self.kinds = {iri: kind for iri in said.of if (kind := self._kind(iri)) and not iri.startswith(KG)}
        self.uses = {
            term: int(count)
            for prop, counted in ((VOID + "class", VOID + "entities"), (VOID + "property", VOID + "triples"))
            for part in said.having(prop)
            for term in said.values(part, prop)
            for count in said.values(part, counted)
        }

    def _kind(self, iri: str) -> str | None:
        types = self.said.values(iri, RDF + "type")
        return next((kind for type_, kind in _KINDS.items() if type_ in types), None)

    def modules(self, root: str) -> Iterator[Module]:
        """Yield the modules by their IRIs, those without terms left out."""
        homes: dict[str, list[Term]] = {}
        for iri, kind in self.kinds.items():
            home = next(iter(self.said.values(iri, RDFS + "isDefinedBy")), root)
            homes.setdefault(home, []).append(self._term(iri, kind))
        for home in sorted(homes):
            terms = sorted(
                homes[home], key=lambda term: (term.labels.get(ORIGINAL, term.name).lower(), term.iri)
            )
            yield Module(
                home,
                self.said.texts(home, _LABELS),
                {} if home == root else self.said.texts(home, _DEFINITIONS),
                tuple(term for term in terms if term.kind == "class"),
                tuple(term for term in terms if term.kind != "class"),
            )

    def lists(self) -> Iterator[Listing]:
        """Yield the controlled lists by their IRIs."""
        for iri in self.said.having(RDF + "type", SKOS + "ConceptScheme"):
            concepts = [self._term(one, "concept") for one in self.said.having(SKOS + "inScheme", iri)]
            if concepts:
                yield Listing(
                    iri, self.said.texts(iri, _LABELS), self.said.texts(iri, _DEFINITIONS), tuple(concepts)
                )

    def _term(self, iri: str, kind: str) -> Term:
        said = self.said
        wider = said.values(iri, RDFS + "subClassOf", RDFS + "subPropertyOf", SKOS + "broader")
        traits = [trait for type_, trait in _TRAITS.items() if type_ in said.values(iri, RDF + "type")]
        if "true" in said.values(iri, OWL + "deprecated"):
            traits.append("retired")
        return Term(
            iri=iri,
            name=self._name(iri),
            kind=kind,
            labels=said.texts(iri, _LABELS),
            definition=said.texts(iri, _DEFINITIONS),
            notes=tuple(note for kind in _NOTES for note in self._all(iri, SKOS + kind)),
            examples=self._all(iri, SKOS + "example"),
            broader=tuple(one for one in wider if one in self.kinds or kind == "concept"),
            domains=self._ends(iri, RDFS + "domain", _SCHEMA + "domainIncludes"),
            ranges=self._ends(iri, RDFS + "range", _SCHEMA + "rangeIncludes"),
            traits=tuple(traits),
            replaced_by=tuple(said.values(iri, DCTERMS + "isReplacedBy")),
            alignments=tuple(self._alignments(iri)),
            uses=self.uses.get(iri, 0 if kind != "concept" else None),
        )

    def _all(self, iri: str, prop: str) -> tuple[Texts, ...]:
        texts = self.said.texts(iri, (prop,))
        return (texts,) if texts else ()

    def _ends(self, iri: str, *props: str) -> tuple[str, ...]:
        found = self.said.values(iri, *props)
        self.others.update({one: self._name(one) for one in found if one not in self.kinds})
        return tuple(found)

    def _alignments(self, iri: str) -> Iterator[tuple[str, str]]:
        for relation in _ALIGNED:
            for other in self.said.values(iri, relation):
                if other not in self.kinds and not other.startswith(KG):
                    self.others[other], self.others[relation] = self._name(other), self._name(relation)
                    yield relation, other

    def _name(self, iri: str) -> str:
        return self.prefixes.curie(iri) or iri
