"""The table of languages: all that the program knows of one is its catalogue, words and habits.

A catalogue is a gettext file, ``kg/translations/<locale>/LC_MESSAGES/messages.po``. Its messages are the
words of the program; its header says what else there is to know, each in a line that may be left out:

- ``X-Language-Name``: what the language is called in itself.
- ``X-Serves``: further tags (BCP 47) whose readers get it, such as regions that write its script.
- ``X-Reads-Too``: what its readers can read next, before the original language.
- ``X-Word-Space: no``: words, numbers and units stand side by side without a space.
- ``X-Address-Order: widest first``: how places that lie in each other are written.
- ``X-Brackets``: the two signs that texts are bracketed with, where they aren't ``()``.
- ``X-Romanised-By``: the procedure (`kg.search.names.readings`) by which its names are typed in Latin
letters.

A language that isn't typeset like Latin letters has a style sheet, ``type.css``, beside the messages' folder.

Plurals, numbers, dates and lists are those of CLDR, as Babel has them. Nothing else in the program names a
language; ``tests/test_languages.py`` looks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import pyoxigraph as ox

if TYPE_CHECKING:
    from babel.support import NullTranslations

ORIGINAL = "en"
"""The language that the program's own words are written in: it needs no catalogue, and is the last resort."""
_ORIGINAL_NAME = "English"
CATALOGUES = Path(__file__).parent / "translations"
_FIELD = re.compile(r'^"X-([\w-]+): (.+?)\\n"$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Language:
    """A language: its tag as HTML writes it, its own name, and its habits (see the module)."""

    tag: str
    name: str
    serves: tuple[str, ...] = ()
    reads_too: tuple[str, ...] = ()
    space: str = " "
    """What stands between words."""
    widest_first: bool = False
    romanised_by: str = ""
    brackets: str = ""
    """The two signs that stand for ``()``, empty where those themselves do."""

    @property
    def between_places(self) -> str:
        """What stands between the places of an address."""
        return "," + self.space if self.space else ""


def _read(path: Path) -> Language:
    """Return what the header of a catalogue says."""
    said = dict(_FIELD.findall(path.read_text(encoding="utf-8").partition("\n\n")[0]))
    tag = path.parent.parent.name.replace("_", "-")
    return Language(
        tag,
        said.get("Language-Name", tag),
        tuple(said.get("Serves", "").split()),
        tuple(said.get("Reads-Too", "").split()),
        "" if said.get("Word-Space") == "no" else " ",
        said.get("Address-Order") == "widest first",
        said.get("Romanised-By", ""),
        said.get("Brackets", ""),
    )


@cache
def languages() -> Mapping[str, Language]:
    """Return the languages by their tags: the original language, and each that has a catalogue."""
    found = map(_read, sorted(CATALOGUES.glob("*/LC_MESSAGES/messages.po")))
    return MappingProxyType({one.tag: one for one in (Language(ORIGINAL, _ORIGINAL_NAME), *found)})


@cache
def typography() -> str:
    """Return the style sheets of all languages, concatenated: any page may hold names in any language."""
    sheets = sorted(CATALOGUES.glob("*/type.css"))
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)


@lru_cache(maxsize=1_024)
def language_of(tag: str) -> Language | None:
    """Return the language that serves a reader of a tag (BCP 47, in any case), or None when none does.

    A known script decides wherever it stands in the tag (``zh-cmn-Hant``); else the longest known beginning
    of the tag does (RFC 4647 §3.4).
    """
    parts = tag.lower().split("-")
    for one in languages().values():
        primary, *script = one.tag.lower().split("-")
        if script and parts[0] == primary and script[0] in parts[1:]:
            return one
    served = {own.lower(): one for one in languages().values() for own in (*one.serves, one.tag)}
    return next((served[begun] for begun in beginnings("-".join(parts)) if begun in served), None)


def beginnings(tag: str) -> Iterator[str]:
    """Yield a tag, and what is left of it with fewer and fewer parts."""
    yield tag
    while "-" in tag:
        tag = tag.rpartition("-")[0]
        yield tag


@lru_cache(maxsize=1_024)
def language_chain(language: str) -> tuple[str, ...]:
    """Return the language tags to try for a reader of ``language``, best first, in lower case.

    Lookup as in RFC 4647 §3.4; then what readers of the language read too, the original language, all others.
    """
    own = language_of(language)
    further = (own.tag, *own.reads_too) if own else ()
    chain = (*beginnings(language), *further, ORIGINAL, *languages())
    return tuple(dict.fromkeys(tag.lower() for tag in chain))


def is_transliterated(language: str | None) -> bool:
    """Say whether a tag marks a name as spelt in a script that isn't its own, as romanisations are."""
    return language is not None and "latn" in language.split("-")[1:]


@lru_cache(maxsize=1_024)
def locale_of(tag: str) -> str:
    """Return the Babel locale for a language's numbers, dates and plurals: its own, if CLDR has it."""
    from babel import Locale, UnknownLocaleError

    for begun in beginnings(tag):
        try:
            return str(Locale.parse(begun, sep="-"))
        except (UnknownLocaleError, ValueError):
            continue
    return ORIGINAL


def name_for(tag: str, reader: str) -> str:
    """Return what a reader of a language calls that of a tag (BCP 47): as CLDR does, else the tag itself.

    How a language is spelt stands in brackets: by the variant (``zh-latn-pinyin``), else by the script.
    """
    from babel import Locale

    first, *rest = tag.split("-")
    words = Locale.parse(locale_of(reader), sep="_")
    script = next((part.title() for part in rest if len(part) == len("Latn") and part.isalpha()), "")
    whole = words.languages.get(f"{first}_{script}") if script else None
    name = whole or words.languages.get(first, tag)
    variants = (words.variants.get(part.upper()) for part in rest)
    detail = next(filter(None, variants), None) or (
        words.scripts.get(script) if script and not whole else None
    )
    if not detail or name == tag:
        return str(name)
    return translated("%(name)s (%(detail)s)", reader) % {"name": name, "detail": detail}


@cache
def catalogue(tag: str) -> NullTranslations:
    """Return the messages of a language by its tag, as HTML writes it (``zh-Hans``).

    They are compiled in memory, so that neither a checkout nor the wheel carries built files.
    """
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po
    from babel.support import NullTranslations, Translations

    locale = tag.replace("-", "_")
    path = CATALOGUES / locale / "LC_MESSAGES" / "messages.po"
    if not path.is_file():
        return NullTranslations()
    with path.open("rb") as source:
        messages = read_po(source, locale=locale)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return Translations(fp=compiled)


def translated(message: str, tag: str, context: str = "") -> str:
    """Return a message of the program in the language that serves a tag, else as it is written.

    ``context`` tells messages apart that are written alike (gettext's msgctxt).
    """
    found = language_of(tag)
    if found is None:
        return message
    words = catalogue(found.tag)
    return str(words.upgettext(context, message) if context else words.ugettext(message))


def in_all(message: str, context: str = "") -> Mapping[str, str]:
    """Return a message by the tags, in lower case, of the languages that have it, the original first."""
    found = {tag.lower(): translated(message, tag, context) for tag in languages()}
    return {tag: text for tag, text in found.items() if tag == ORIGINAL or text != message}


def in_languages(literal: ox.Literal, context: str = "") -> tuple[ox.Literal, ...]:
    """Return a text of the program in each language that has it; a text without a language as it is.

    ``context`` is the IRI of what the text describes, for texts that the catalogues keep under one.
    """
    if literal.language != ORIGINAL:
        return (literal,)
    return tuple(ox.Literal(text, language=tag) for tag, text in in_all(literal.value, context).items())
