"""Write a vocabulary as HTML: a fragment for a page, or one file in all languages that needs nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from kg.languages import ORIGINAL, languages
from kg.termdocs.diagram import BOX, draw
from kg.termdocs.vocabulary import Term, Texts, Vocabulary, said
from kg.termdocs.words import words

FILE = "ontology.html"
STYLE = Path(__file__).parent / "templates" / "terms.css"
"""How a fragment looks, on a page that has the colours as variables."""
_HERE = Path(__file__).parent


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )


def _own_names() -> dict[str, str]:
    """Return what the languages of the program are called, by their tags in lower case."""
    return {tag.lower(): one.name for tag, one in languages().items()}


def render(
    vocabulary: Vocabulary, language: str, *, address: Callable[[str], str] | None = None, prefix: str = ""
) -> Markup:
    """Return the documentation in a language, as a fragment of HTML.

    ``address`` gives the page of a term; without it, a term's name leads nowhere. ``prefix`` goes before each
    id, for a page that has several fragments.
    """
    spoken = words(language)
    drawings = {module.iri: draw(vocabulary, module, language, spoken) for module in vocabulary.modules}
    text = (
        _environment()
        .get_template("terms.html")
        .render(
            v=vocabulary,
            terms=vocabulary.terms,
            narrower=_narrower(vocabulary),
            t=lambda texts: said(texts, language),
            w=spoken,
            drawings=drawings,
            half=BOX / 2,
            box=BOX,
            address=address,
            prefix=prefix,
            tag=lambda texts: _tag(texts, language),
        )
    )
    return Markup(text)  # noqa: S704 (the template escapes)


def _narrower(vocabulary: Vocabulary) -> dict[str, list[Term]]:
    found: dict[str, list[Term]] = {}
    for term in vocabulary.terms.values():
        for wider in term.broader:
            if "retired" not in term.traits:
                found.setdefault(wider, []).append(term)
    return found


def _tag(texts: Texts, language: str) -> str:
    """Return the language of a text that isn't in the one asked for; empty if it is."""
    shown = said(texts, language)
    found = next((tag for tag, text in texts.items() if text == shown), "")
    return "" if found == language or language in texts else found


def whole(vocabulary: Vocabulary, languages: Sequence[str]) -> str:
    """Return the file: every language that has names, chosen by a click, with its own style and no script."""
    named = vocabulary.languages
    languages = [one for one in languages if one in named] or [ORIGINAL]
    fragments: Mapping[str, Markup] = {
        language: render(vocabulary, language, prefix=f"{language}-") for language in languages
    }
    style = "".join(
        (_HERE / "templates" / name).read_text(encoding="utf-8") for name in ("file.css", "terms.css")
    )
    return (
        _environment()
        .get_template("file.html")
        .render(
            v=vocabulary,
            fragments=fragments,
            names={language: _own_names().get(language, language) for language in languages},
            spoken={language: words(language) for language in languages},
            titles={language: said(vocabulary.labels, language) for language in languages},
            abouts={language: said(vocabulary.definition, language) for language in languages},
            style=Markup(style),  # noqa: S704 (our own)
            t=lambda texts: said(texts, languages[0]),
        )
    )
