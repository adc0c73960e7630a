"""Queries of the index for what was typed. They are built from terms, so no text is parsed as syntax."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TypeAlias

import tantivy
from tantivy import Occur, Query

from kg.search.fields import EDGE
from kg.search.names import folding
from kg.search.names.folding import Run
from kg.search.names.typed import Asked

LIKE = ((1, 4), (2, 8))
"""Edits that are forgiven, and how long a word must be for them."""
LONGEST_LIKE = 32
"""Characters of a word beyond which nothing is forgiven: comparing grows with it."""
COMMON = 30_000
"""Things that share a pair of characters, beyond which it tells little."""
_DENSE_LIKE = 12
_BEGINNINGS = {"name": "start", "spelling": "start", "code": "codes"}
"""Fields with the first `EDGE` characters of what other fields have whole."""

Frequency: TypeAlias = Callable[[str, str], int]
"""How many things have a term in a field."""


class Queries:
    """Makes the queries for what was typed, within some classes. ``asked.forms`` must not be empty."""

    def __init__(
        self,
        schema: tantivy.Schema,
        frequency: Frequency,
        asked: Asked,
        classes: Iterable[str] = (),
        *,
        every: bool = False,
    ) -> None:
        """``every``: of all of the classes, not of any."""
        self._schema = schema
        self._frequency = frequency
        self._all_types = every
        self._asked = asked
        self._types = sorted(set(classes))

    def exact(self) -> Query:
        """Names and codes that are what was typed."""
        return self._within(self._exact())

    def named(self) -> Query:
        """Names, ways to spell them and codes that are what was typed."""
        return self._within(_any([self._exact(), self._term("spelling", self._asked.word)]))

    def start(self) -> Query:
        """Names, their spellings and codes that start with it."""
        return self._within(self._start)

    def all(self) -> Query:
        """All that match in any way but by likeness."""
        return self._within(self._every)

    @cached_property
    def _every(self) -> Query:
        found = [self._exact(), self._start, *(self._parts(form) for form in self._asked.forms)]
        word = self._asked.word
        if 1 < len(word) <= EDGE and not folding.is_dense(word):
            found.append(self._term("initials", word))
        return _any(found)

    def like(self) -> list[Query]:
        """Spellings that start within some edits of what was typed, by number of edits."""
        word = self._asked.words[-1]
        if folding.is_dense(word):
            return []
        return [
            self._within(self._fuzzy("spelling", word, edits))
            for edits, shortest in LIKE
            if shortest <= len(word) <= LONGEST_LIKE
        ]

    def like_words(self) -> list[Query]:
        """Names in letters that have each longer word but for an edit."""
        words = [
            run.text for run in self._asked.forms[0] if not run.dense and 3 < len(run.text) <= LONGEST_LIKE
        ]
        if not words:
            return []
        return [self._within(_all([self._fuzzy("word", word, 1) for word in words[:4]]))]

    def alike(self, sounds: Mapping[str, str]) -> list[Query]:
        """Names that start with what sounds like it: other characters for the same syllables."""
        word = "".join([sounds.get(character, character) for character in self._asked.word])
        if word == self._asked.word or len(self._asked.word) < 2:
            return []
        return [self._within(self._starts(word))]

    def like_grams(self, *, swapped: bool = False) -> Query | None:
        """Names without spaces that share pairs of characters with what was typed; more score higher.

        Of the pairs that are `COMMON` only the rarest is used, as using all would take long. ``swapped``:
        each pair of neighbours is looked for in both orders, since a short name with two characters swapped
        shares no pair.
        """
        dense = [run.text[:_DENSE_LIKE] for run in self._asked.forms[0] if run.dense]
        terms = sorted({gram for text in dense for gram in folding.grams(text, gaps=True)})
        if swapped:
            terms = sorted({*terms, *(gram[::-1] for gram in terms if len(gram) == 2)})
        counted = sorted((count, term) for term in terms if (count := self._frequency("gram", term)))
        if not counted:
            return None
        rare = [term for count, term in counted if count <= COMMON] or [counted[0][1]]
        return self._within(_any([self._term("gram", term) for term in rare]))

    def _exact(self) -> Query:
        return _any([self._term(field, self._asked.word) for field in ("name", "code")])

    @cached_property
    def _start(self) -> Query:
        found = [self._starts(word) for word in self._asked.words]
        word = self._asked.word
        if len(word) > 2 and any(character.isdigit() for character in word):
            found.append(self._term("codes", word) if len(word) <= EDGE else self._longer("code", word))
        return _any(found)

    def _starts(self, word: str) -> Query:
        if len(word) <= EDGE:
            return self._term("start", word)
        return self._longer("name" if folding.is_dense(word) else "spelling", word)

    def _longer(self, field: str, word: str) -> Query:
        """Terms that start with more than `EDGE` characters."""
        beginnings = _BEGINNINGS.get(field)
        if beginnings and not self._frequency(beginnings, word[:EDGE]):
            return Query.empty_query()  # compiling an expression takes 0.6 ms, and most would find nothing
        # A folded word has letters, numbers and marks only, so it means itself in a regular expression.
        return Query.regex_query(self._schema, field, word + ".*")

    def _parts(self, form: Sequence[Run]) -> Query:
        """Names that have all runs, in any order; a word at the start of one of their units."""
        return _all([self._part(run) for run in form])

    def _part(self, run: Run) -> Query:
        if not run.dense and len(run.text) > EDGE:
            return _any([self._longer(field, run.text) for field in ("spelling", "word")])
        if not run.dense:
            # A single letter begins some unit of nearly every name: it is looked for at the start alone.
            fields = ("start", "inner") if len(run.text) > 1 else ("start",)
            return _any([self._term(field, run.text[:EDGE]) for field in fields])
        if len(run.text) == 1:
            return self._term("gram", run.text)
        return _all([self._term("gram", gram) for gram in folding.grams(run.text)])

    def _fuzzy(self, field: str, word: str, edits: int) -> Query:
        return Query.fuzzy_term_query(self._schema, field, word, edits, True, len(word) > 4)

    def _term(self, field: str, value: str) -> Query:
        return Query.term_query(self._schema, field, value, "basic")

    def _within(self, query: Query) -> Query:
        if not self._types:
            return query
        types = [self._term("type", one) for one in self._types]
        wanted = _all(types) if self._all_types else _any(types)
        return Query.boolean_query([(Occur.Must, query), (Occur.Must, Query.const_score_query(wanted, 0.0))])


def _any(queries: Sequence[Query]) -> Query:
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, one) for one in queries])


def _all(queries: Sequence[Query]) -> Query:
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Must, one) for one in queries])
