"""The reader's language: chosen by hand (``?lang=``, remembered in a cookie), else by Accept-Language.

What there is to know of a language is in its catalogue (`kg.languages`).
"""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from babel.support import NullTranslations
from flask import Flask, Request, Response, g, has_request_context, request
from flask_babel import Babel, Domain
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from kg.languages import ORIGINAL, Language, catalogue, language_of, languages, locale_of

COOKIE = "lang"
_YEAR = 365 * 24 * 3600


LANGUAGES = {tag: one.name for tag, one in languages().items()}
"""The languages of the pages (BCP 47 tags) and what each is called in itself."""


_CURRENT: ContextVar[tuple[str, ...]] = ContextVar("language", default=())
"""The languages of the requests at work in this thread: applications are mounted one within the other."""


def language() -> str:
    """Return the current reader's language, one of `LANGUAGES`."""
    # Not kept in Flask's g: a page asks some hundred times, and g's proxy is slower than choosing again.
    current = _CURRENT.get()
    return current[-1] if current else choose(request)


def _enter() -> None:
    _CURRENT.set((*_CURRENT.get(), choose(request)))
    g.language_is_kept = True


def _leave(_error: BaseException | None) -> None:
    if g.pop("language_is_kept", False):
        _CURRENT.set(_CURRENT.get()[:-1])


def choose(of: Request) -> str:
    """Return the language of a request: its parameter, its cookie, its Accept-Language, or the original."""
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
    return ORIGINAL


@lru_cache(maxsize=1024)
def translated(message: str, accept: str) -> str:
    """Return a message in the language of an Accept-Language header."""
    language = _accepted(parse_accept_header(accept, LanguageAccept))
    return catalogue(language).ugettext(message)


def known(tag: str) -> str | None:
    """Return the language of the pages that suits a tag, or None when none does."""
    found = language_of(tag)
    return found.tag if found else None


def spoken() -> Language:
    """Return the current reader's language with its habits."""
    return languages()[language()]


class _Catalogues(Domain):  # type: ignore[misc] # Flask-Babel ships no types
    """Flask-Babel's domain, with catalogues that are compiled in memory."""

    def get_translations(self) -> NullTranslations:
        return catalogue(language() if has_request_context() else ORIGINAL)


class _Babel(Babel):  # type: ignore[misc] # Flask-Babel ships no types
    domain_instance: Any = _Catalogues()


def init_app(app: Flask) -> None:
    """Make an application speak the reader's language."""
    _Babel(app, default_locale=ORIGINAL, locale_selector=lambda: locale_of(language()))
    # Instead of Flask-Babel's own callables, which look the domain up for each of a page's hundreds of
    # messages.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined] # the i18n extension adds it
        gettext=lambda message: catalogue(language()).ugettext(message),
        ngettext=lambda one, many, n: catalogue(language()).ungettext(one, many, n),
        newstyle=True,
    )
    app.before_request(_enter)
    app.teardown_request(_leave)
    app.after_request(_remember)


def _remember(response: Response) -> Response:
    """Remember a language chosen by hand, and tell caches that pages differ by language."""
    chosen = request.args.get("lang", "")
    if chosen in LANGUAGES:
        response.set_cookie(COOKIE, chosen, max_age=_YEAR, samesite="Lax", httponly=True)
    return by_language(response) if response.mimetype == "text/html" else response


def by_language(response: Response) -> Response:
    """Tell caches that an answer is in the reader's language, and return it."""
    response.vary.update(["Accept-Language", "Cookie"])
    return response
