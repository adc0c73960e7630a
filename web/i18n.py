"""The reader's language: chosen by hand (``?lang=``, remembered in a cookie), else by Accept-Language.

Catalogues are gettext files, compiled in memory when they are first needed, so that neither a checkout nor
the wheel carries built files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextvars import ContextVar
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, Request, Response, g, request
from flask_babel import Babel, Domain, get_locale
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

COOKIE = "lang"
_YEAR = 365 * 24 * 3600
_CATALOGUES = Path(__file__).parent / "translations"


def _languages() -> dict[str, str]:
    """Return the languages that there is a catalogue of, by the name that its header says."""
    found = {"en": "English"}
    for path in sorted(_CATALOGUES.glob("*/LC_MESSAGES/messages.po")):
        head = path.read_text(encoding="utf-8").partition("\n\n")[0]
        name = re.search(r'^"X-Language-Name: (.+?)\\n"$', head, re.MULTILINE)
        tag = path.parent.parent.name.replace("_", "-")
        found[tag] = name[1] if name else tag
    return found


LANGUAGES = _languages()
"""The languages of the pages (BCP 47 tags) and what each is called in itself: English, and each catalogue."""

# A reader whose browser names a region but no script: RFC 4647 lookup alone would miss these.
_SCRIPTS = {"zh-tw": "zh-Hant", "zh-hk": "zh-Hant", "zh-mo": "zh-Hant"}


_CURRENT: ContextVar[tuple[str, ...]] = ContextVar("language", default=())
"""The languages of the requests at work in this thread: applications are mounted one within the other."""


def language() -> str:
    """Return the current reader's language, one of `LANGUAGES`."""
    # Not kept in Flask's g: a page asks some hundred times, and its proxies take longer than the choice.
    current = _CURRENT.get()
    return current[-1] if current else choose(request)


def _enter() -> None:
    _CURRENT.set((*_CURRENT.get(), choose(request)))
    g.language_is_kept = True


def _leave(_error: BaseException | None) -> None:
    if g.pop("language_is_kept", False):
        _CURRENT.set(_CURRENT.get()[:-1])


def choose(of: Request) -> str:
    """Return the language of a request: its parameter, its cookie, its Accept-Language, or English."""
    for wanted in (of.args.get("lang", ""), of.cookies.get(COOKIE, "")):
        found = known(wanted)
        if found and wanted:
            return found
    return _accepted(of.accept_languages)


def _accepted(languages: Iterable[tuple[str, float]]) -> str:
    for wanted, quality in languages:
        found = known(wanted)
        if found and quality > 0:
            return found
    return "en"


@lru_cache(maxsize=1024)
def translated(message: str, accept: str) -> str:
    """Return a message in the language of an Accept-Language header."""
    language = _accepted(parse_accept_header(accept, LanguageAccept))
    return catalogue(locale_of(language)).ugettext(message)


def known(tag: str) -> str | None:
    """Return the language of the pages that suits a tag, or None when none does."""
    parts = tag.lower().split("-")
    if parts[0] == "zh":
        if "hant" in parts:
            return "zh-Hant"
        if "hans" in parts:
            return "zh-Hans"
        return _SCRIPTS.get("-".join(parts[:2]), "zh-Hans")
    return parts[0] if parts[0] in LANGUAGES else None


def locale_of(tag: str) -> str:
    """Return Babel's name for one of the pages' languages."""
    return tag.replace("-", "_")


@cache
def catalogue(locale: str) -> NullTranslations:
    """Return the messages of a locale (``zh_Hans``); English needs none."""
    path = _CATALOGUES / locale / "LC_MESSAGES" / "messages.po"
    if not path.is_file():
        return NullTranslations()
    with path.open("rb") as source:
        messages = read_po(source, locale=locale)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return Translations(fp=compiled)


class _Catalogues(Domain):  # type: ignore[misc] # Flask-Babel ships no types
    """Flask-Babel's domain, with catalogues out of memory."""

    def get_translations(self) -> NullTranslations:
        return catalogue(str(get_locale() or "en"))


class _Babel(Babel):  # type: ignore[misc] # Flask-Babel ships no types
    domain_instance: Any = _Catalogues()


def init_app(app: Flask) -> None:
    """Make an application speak the reader's language."""
    _Babel(app, default_locale="en", locale_selector=lambda: locale_of(language()))
    # Flask-Babel's own callables look the domain up for each message, which a page has hundreds of.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined] # the i18n extension adds it
        gettext=lambda message: catalogue(locale_of(language())).ugettext(message),
        ngettext=lambda one, many, n: catalogue(locale_of(language())).ungettext(one, many, n),
        newstyle=True,
    )
    app.before_request(_enter)
    app.teardown_request(_leave)
    app.after_request(_remember)


def _remember(response: Response) -> Response:
    """Keep a choice made by hand, and tell caches that pages differ by language."""
    chosen = request.args.get("lang", "")
    if chosen in LANGUAGES:
        response.set_cookie(COOKIE, chosen, max_age=_YEAR, samesite="Lax", httponly=True)
    return by_language(response) if response.mimetype == "text/html" else response


def by_language(response: Response) -> Response:
    """Tell caches that an answer is in the reader's language, and return it."""
    response.vary.update(["Accept-Language", "Cookie"])
    return response
