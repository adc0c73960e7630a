"""Reading an object of a mapping field by field, so that each slip is refused with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kg.errors import SourceError
from kg.sources.templates import Template, is_iri
from kg.terms import WELL_KNOWN


class Fields:
    """An object of a mapping, the names that it may have (None: any), and where it stands.

    Every getter raises SourceError for a value of another type; without a default a field must be there.
    """

    def __init__(self, value: Any, known: frozenset[str] | None, where: str) -> None:
        if not isinstance(value, dict):
            raise SourceError(f"{where} must be an object, not {value!r}")
        if known is not None and (unknown := set(value) - known - {"kg:comment"}):
            raise SourceError(
                f"{where}: unknown {', '.join(sorted(unknown))}", hint=f"known: {', '.join(sorted(known))}"
            )
        self._value: Mapping[str, Any] = value
        self.where = where

    def __contains__(self, name: str) -> bool:
        return name in self._value

    def __iter__(self) -> Iterator[str]:
        return iter(self._value)

    def some(self, names: frozenset[str]) -> dict[str, Any]:
        """Return those of the fields that are there, for another level to inherit."""
        return {name: self._value[name] for name in sorted(names) if name in self._value}

    def raw(self, name: str, default: Any = None) -> Any:
        """Return a field as it is."""
        return self._value.get(name, default)

    def text(self, name: str, default: str | None = None) -> str:
        """Return a field that is a text."""
        value = self._value.get(name, default)
        if not isinstance(value, str):
            raise self._wrong(name, "a text", value)
        return value

    def optional(self, name: str) -> str | None:
        """Return a field that is a text or isn't there."""
        return self.text(name) if name in self._value else None

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a field that is true or false."""
        value = self._value.get(name, default)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false", value)
        return value

    def names(self, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return a field that is a text or a list of texts."""
        value = self._value.get(name, default)
        values = (value,) if isinstance(value, str) else value
        if not isinstance(values, list | tuple) or not all(isinstance(one, str) for one in values):
            raise self._wrong(name, "a text or a list of texts", value)
        return tuple(values)

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        """Return a field that is an object of texts; none when it isn't there."""
        value = self._value.get(name, {})
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            raise self._wrong(name, "an object of texts", value)
        return tuple(value.items())

    def objects(self, name: str, known: frozenset[str]) -> Iterator[Fields]:
        """Give the objects of a field that is a list of them; none when it isn't there."""
        value = self._value.get(name, [])
        if not isinstance(value, list):
            raise self._wrong(name, "a list", value)
        for index, one in enumerate(value):
            yield Fields(one, known, f"{self.where}.{name}[{index}]")

    def object(self, name: str, known: frozenset[str] | None) -> Fields:
        """Return a field that is an object; an empty one when it isn't there."""
        return Fields(self._value.get(name, {}), known, f"{self.where}.{name}")

    def template(self, name: str) -> Template | None:
        """Return a field that is a template, or None when it isn't there."""
        text = self.optional(name)
        return None if text is None else Template.parse(text)

    def pattern(self, name: str) -> re.Pattern[str] | None:
        """Return a field that is a regular expression, or None when it isn't there."""
        text = self.optional(name)
        try:
            return None if text is None else re.compile(text)
        except re.error as error:
            raise SourceError(f"{self.where}: {name} is not a regular expression: {error}") from None

    def iri(self, name: str) -> str:
        """Return a field that is an IRI, in full or with a prefix that many vocabularies share."""
        text = self.text(name)
        prefix, _, local = text.partition(":")
        iri = WELL_KNOWN[prefix] + local if prefix in WELL_KNOWN else text
        if not is_iri(iri):
            raise SourceError(f"{self.where}: {name} is {text!r}, not an IRI", hint="write it in full")
        return iri

    def _wrong(self, name: str, kind: str, value: Any) -> SourceError:
        if name not in self._value:
            return SourceError(f"{self.where}: {name} is missing", hint=f"it takes {kind}")
        return SourceError(f"{self.where}: {name} must be {kind}, not {value!r}")
