"""Names that an answer gives in one language, as the reader calls the same things."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import pyoxigraph as ox

from kg.explore.model import Text
from kg.explore.naming.names import Reader
from kg.explore.ontology.schema import str_of
from kg.explore.questions.files import ColumnName
from kg.languages import languages, translated
from kg.sparql.bind import bind, load

SEPARATOR = "; "
"""What joins names in one cell; a message, as readers of some languages see another sign."""
WORD = "="
"""What stands before a word that queries write themselves, among the names of columns."""
_LONGEST = 300


def parts_of(literal: ox.Literal) -> list[ox.Literal]:
    """Return the names that a literal may hold: itself, or those that it joins, in every language."""
    if literal.datatype.value.endswith("#langString"):
        return [literal] if len(literal.value) <= _LONGEST else []
    if not literal.datatype.value.endswith("#string") or len(literal.value) > 20 * _LONGEST:
        return []
    tags = [tag.lower() for tag in languages()]
    return [ox.Literal(part, language=tag) for part in literal.value.split(SEPARATOR) for tag in tags]


class Translation:
    """The names of things by what they are called in another language; read for one answer."""

    def __init__(
        self, reader: Reader, names: Mapping[str, tuple[str, ...]], known: Mapping[str, ColumnName]
    ) -> None:
        self.reader = reader
        self._names = names
        self._known = known

    @classmethod
    def read(
        cls, reader: Reader, literals: Iterable[ox.Literal], known: Mapping[str, ColumnName]
    ) -> Translation:
        """Read what some literals name; ``known`` has the words that queries write. Raises QueryError."""
        wanted = list(dict.fromkeys(part for literal in literals for part in parts_of(literal)))
        found: dict[str, set[str]] = {}
        for start in range(0, len(wanted), 300):
            batch = wanted[start : start + 300]
            for row in reader.names.engine.query(
                bind(load("kg/explore/questions/named-languages"), called=batch)
            ).dicts():
                found.setdefault(str_of(row["called"]), set()).add(str_of(row["entity"]))
        reader.names.fetch({iri for iris in found.values() for iri in iris})
        return cls(reader, {text: tuple(sorted(iris)) for text, iris in found.items()}, known)

    def things(self, text: str) -> tuple[str, ...]:
        """Return the things that go by a name."""
        return self._names.get(text, ())

    def of(self, literal: ox.Literal) -> ox.Literal:
        """Return a literal in the reader's language, itself where that isn't sure."""
        text = retold(literal, self.reader, self._known, self._of)
        if text is None:
            return literal
        return ox.Literal(text.value, language=text.language) if text.language else ox.Literal(text.value)

    def _of(self, word: str) -> Text | None:
        """Return what the reader calls a thing, if all things of that name are called so."""
        called = {self.reader.ref(iri).label for iri in self.things(word)}
        texts = {label.value for label in called}
        return Text(next(iter(texts)), self.reader.chain[0]) if len(texts) == 1 else None


def retold(
    literal: ox.Literal,
    reader: Reader,
    known: Mapping[str, ColumnName],
    named: Callable[[str], Text | None],
) -> Text | None:
    """Return what a literal says in the reader's language: a name, joined names, or a query's own word.

    ``known`` has the words that queries write, ``named`` says what the reader calls the things of a name.
    None where it isn't sure.
    """
    if not parts_of(literal):
        return None
    own = known.get(WORD + literal.value)
    if own is not None and not literal.language and (said := reader.text(own.labels)) is not None:
        return Text(said.value)
    if literal.language:
        return named(literal.value)
    words = literal.value.split(SEPARATOR)
    called = [named(word) for word in words]
    if not any(called):
        return None
    joint = translated(SEPARATOR, reader.chain[0])
    return Text(joint.join(c.value if c else word for c, word in zip(called, words, strict=True)))
