"""The filters by which templates show values. All HTML stays in the templates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from flask import Flask, request
from flask_babel import gettext as _
from markupsafe import Markup

from kg import blanks
from kg.explore import Evidence, Ref, Text
from kg.explore.model import Cell, Datum
from kg.mediatypes import RDF_FORMATS, RESULT_FORMATS
from kg.terms import GEO, XSD
from kg_web import links
from kg_web.context import publication
from kg_web.rendering.assets import asset, built, typefaces
from kg_web.rendering.i18n import LANGUAGES, language, spoken
from kg_web.rendering.numbers import amount, amounts, day
from kg_web.rendering.tongues import html_language, language_name, other_language, tongue

CARDS = 12
"""How many sources of a page have a card of their own; the marks of further ones lead to their graphs."""
LISTED = 30
"""How many documents of a page are listed with their marks; the others' names follow in one line."""

CARDED = 4
"""Columns, its sources among them, from which on a table is a list of cards on a phone."""

PLAIN_COUNTS = frozenset("http://qudt.org/vocab/unit/" + name for name in ("NUM", "UNITLESS"))
"""Units of plain numbers, which add nothing behind one."""
PERCENT = "http://qudt.org/vocab/unit/PERCENT"
"""The unit whose sign stands at the number in all languages of the pages; others are named behind it."""

_NUMBERS = frozenset(XSD + name for name in ("integer", "decimal", "double", "float"))


TITLE = 80
"""Characters that the title of a page has in a browser's tab, beside the site's name."""


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many characters, an ellipsis for the rest; no letter loses its accents."""
    # Markup is escaped for HTML: unescape it first, so that no escape is cut in two.
    plain = text.unescape() if isinstance(text, Markup) else str(text)
    if len(plain) <= most:
        return plain
    end = most - 1
    while end and unicodedata.combining(plain[end]):
        end -= 1
    return plain[:end].rstrip() + "…"


SENTENCE = 40
"""Letters from which on a value is no name, but something said: its language stands beside it, if it isn't
the page's."""
LONG = 14
"""Letters from which on a cell of a table needs more room than a word does."""


def is_long(cell: Cell) -> bool:
    """Say whether a cell's text is too long for a narrow column, which would break it every few letters."""
    shown = (v.label.value if isinstance(v, Ref) else v.value for v in (fact.value for fact in cell.facts))
    return sum(map(len, shown)) >= LONG


def by_folder(files: Mapping[str, object]) -> list[tuple[str, list[tuple[str, object]]]]:
    """Return the files of a release that lie in folders, by folder."""
    found: dict[str, list[tuple[str, object]]] = {}
    for name, entry in files.items():
        folder, inside, _name = name.partition("/")
        if inside:
            found.setdefault(folder, []).append((name, entry))
    return sorted(found.items())


def datum_kind(datum: Datum) -> str:
    """Return how a literal is shown: date, number, boolean, link, picture, wkt or text."""
    if datum.datatype in {XSD + name for name in ("date", "dateTime", "gYear", "gYearMonth")}:
        return "date"
    if datum.datatype in _NUMBERS:
        return "number"
    if datum.datatype == XSD + "boolean":
        return "boolean"
    if links.is_address(datum.value) and datum.datatype in {XSD + "anyURI", XSD + "string"}:
        return "picture" if links.is_picture(datum.value) else "link"
    return "wkt" if datum.datatype == GEO + "wktLiteral" else "text"


def split_title(title: str) -> tuple[str, str]:
    """Split a title from its subtitle at the first colon, as library catalogues do."""
    main, _, sub = re.sub(r"[:：]\s*", ":", title, count=1).partition(":")
    return main, sub


def amid(text: str) -> str:
    """Return a heading for use within a sentence: in lower case, unless the word is all capitals."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def as_address(within: Sequence[Ref]) -> Sequence[Ref]:
    """Return what contains a thing, given from the nearest, in the order in which addresses are written."""
    return within[::-1] if spoken().widest_first else within


def mark_label(number: int) -> str:
    """Return what a screen reader says for a source's mark."""
    return _mark_label(number, language())


@lru_cache(maxsize=2_048)
def _mark_label(number: int, _tongue: str) -> str:
    return str(_("Source %(number)s", number=number))


@dataclass
class DocumentSources:
    """The sources of a page that belong to one document, or have one basis if they have no document."""

    ref: Ref | None
    label: Text
    evidence: list[Evidence]


def by_document(evidence: Mapping[int, Evidence]) -> list[DocumentSources]:
    """Group a page's sources by the document that they come from, in the order of their numbers."""
    groups: dict[str, DocumentSources] = {}
    for one in evidence.values():
        origin = one.origins[0] if one.origins else None
        whole = (origin.trail[0] if origin.trail else origin.ref) if origin else None
        label = whole.label if whole else one.basis_label or one.graph.label
        group = groups.setdefault(whole.iri if whole else one.basis, DocumentSources(whole, label, []))
        group.evidence.append(one)
    return list(groups.values())


def theme() -> str:
    """Return the appearance that the reader chose, empty for the system's."""
    chosen = request.args.get("theme") or request.cookies.get("theme", "")
    return chosen if chosen in {"light", "dark"} else ""


def site_title() -> str:
    """Return the dataset's title in the reader's language."""
    return publication().explorer.title(language()).value


def count_name(name: str) -> str:
    """Return the words for a count in the release's manifest; its key where we have none."""
    known = {
        "statements": _("All statements"),
        "quads": _("Statements with their graph"),
        "triples": _("Statements"),
        "graphs": _("Named graphs"),
        "entities": _("Things"),
        "subjects": _("Things"),
        "classes": _("Classes"),
        "properties": _("Properties"),
    }
    return str(known.get(name, name.replace("_", " ")))


def init_app(app: Flask) -> None:
    """Give templates their filters and the few names that every page needs."""
    app.jinja_env.filters.update(
        href=links.href,
        is_web=links.is_web,
        is_picture=links.is_picture,
        is_blank=blanks.is_blank,
        as_blank=blanks.written,
        query_link=links.query_link,
        other_language=other_language,
        html_language=html_language,
        amount=amount,
        amounts=amounts,
        day=day,
        shortened=shortened,
        datum_kind=datum_kind,
        tongue=tongue,
        language_name=language_name,
        by_folder=by_folder,
        is_long=is_long,
        split_title=split_title,
        is_ours=links.is_ours,
        by_document=by_document,
        is_plain_count=PLAIN_COUNTS.__contains__,
        is_percent=PERCENT.__eq__,
        as_address=as_address,
        amid=amid,
        data_link=links.data_link,
    )
    app.jinja_env.globals.update(
        asset=asset,
        typefaces=typefaces,
        switched=links.switched,
        toggled=links.toggled,
        language=language,
        spoken=spoken,
        theme=theme,
        site_title=site_title,
        CARDS=CARDS,
        LISTED=LISTED,
        CARDED=CARDED,
        SENTENCE=SENTENCE,
        TITLE=TITLE,
        mark_label=mark_label,
        public=links.public,
        canonical=links.canonical,
        built=built,
        count_name=count_name,
        formats=RDF_FORMATS,
        result_formats=RESULT_FORMATS,
        LANGUAGES=LANGUAGES,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.context_processor(_publication)


def _publication() -> dict[str, object]:
    publication_ = publication()
    return {"release": publication_.release}
