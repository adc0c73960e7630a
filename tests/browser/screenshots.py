"""Screenshots of every kind of page, wide and narrow, light and dark, and as printed, in three languages.

They go into ``screenshots/``, what is printed also as PDF, with its pages:

    python -m tests.browser.screenshots [--only NAME ...] [--lang TAG ...] [--look LOOK ...]
        [--release DIR] [--out DIR]

The default data is built and served for the while, unless a release is named.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from playwright.sync_api import Browser, sync_playwright
from tqdm import tqdm

from kg import resources
from kg.engine.local import LocalEngine
from kg.explore import Explorer
from kg.make import build
from kg.release import Release, open_release
from kg.release.store import ensure_store
from tests.browser.chromium import FLAGS, find
from tests.browser.site import serving

LANGUAGES = {"en": "en-GB", "zh-Hans": "zh-CN", "zh-Hant": "zh-TW"}
PAPER = {"width": 680, "height": 960}
"""What a page of A4 has room for between its margins."""
LOOKS: dict[str, dict[str, Any]] = {
    **{
        f"{name}.{scheme}": {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
        for name, width in (("wide", 1280), ("narrow", 390))
        for scheme in ("light", "dark")
    },
    "print": {"viewport": PAPER},
}


def pages(release: Release) -> dict[str, str]:
    """Name an address for every kind of page, chosen by the release's own ontology."""
    explorer = Explorer(LocalEngine.open(release.store), release)
    schema = explorer.schema

    def iri(text: str) -> str:
        return quote(text, safe="")

    def page(thing: str) -> str:
        path = thing.removeprefix(release.base)
        return f"/page/{quote(path)}" if path != thing else f"/resource?iri={iri(thing)}"

    comparable = max(schema.comparable, key=lambda cls: len(explorer.figures.of(cls)))
    richest = explorer.counter.richest(comparable)
    figured = sorted({raw.item for raw in explorer.figures.of(comparable)})
    things = [explorer.counter.richest(cls)[0] for cls in schema.primary if explorer.counter.members(cls)]
    entity = explorer.entity(richest[0], "en")
    assert entity is not None
    origin = next(o.ref.iri for e in entity.evidence.values() for o in e.origins if o.trail)
    regions = explorer.gaps.regions(release)
    graph = next(e.graph.iri for e in entity.evidence.values())
    return {
        "home": "/",
        "browse": "/browse",
        "listing": f"/browse?class={iri(comparable)}",
        **{f"entity-{number:02}": page(thing) for number, thing in enumerate(things, 1)},
        "figures": page(figured[0]),
        "class": page(comparable),
        "property": page(next(iter(schema.embedding))),
        "passage": page(origin),
        "document": page(origin.rpartition("/")[0]),
        "graph": page(graph),
        "compare": "/compare",
        "side-by-side": f"/compare?class={iri(comparable)}"
        + "".join(f"&item={iri(one)}" for one in figured[:3]),
        "coverage": "/coverage",
        "coverage-class": f"/coverage?class={iri(comparable)}",
        "coverage-region": f"/coverage?in={iri(regions.iris[0])}" if regions else "/coverage",
        "map": "/map",
        "network": f"/network?class={iri(comparable)}",
        "questions": "/questions",
        **{f"question-{kind}": f"/questions/{key}" for kind, key in _by_view(explorer).items()},
        "question-embedded": f"/questions/{_by_view(explorer)['bars']}/embed",
        "query": "/query",
        "quality": "/quality",
        "dataset": "/dataset",
        "cite": f"/cite?{urlencode({'query': 'SELECT * { ?s ?p ?o } LIMIT 3'})}",
        "search": "/search?q=a",
        "error": "/page/id/nothing",
    }


def _by_view(explorer: Explorer) -> dict[str, str]:
    """Return a question for each kind of view."""
    every = explorer.questions.every(explorer.reader("en"))
    return {one.view.kind: one.key for one in reversed(every)}


@contextmanager
def _release(folder: Path | None) -> Iterator[Release]:
    if folder is not None:
        release = open_release(folder)
        ensure_store(release)
        yield release
        return
    with tempfile.TemporaryDirectory() as folder:
        release = build(resources.ontology_dir(), resources.data_dir(), Path(folder))
        ensure_store(release)
        yield release


def shoot(
    browser: Browser,
    base: str,
    addresses: dict[str, str],
    out: Path,
    languages: Sequence[str],
    looks: Sequence[str],
) -> None:
    """Make all screenshots."""
    out.mkdir(parents=True, exist_ok=True)
    cases = [(look, language) for language in languages for look in looks]
    with tqdm(total=len(cases) * len(addresses), disable=None, unit="page", file=sys.stderr) as progress:
        for look, language in cases:
            context = browser.new_context(**LOOKS[look], locale=LANGUAGES[language])
            page = context.new_page()
            page.emulate_media(media="print" if look == "print" else "screen")
            for name, address in addresses.items():
                page.goto(base + address)
                page.screenshot(path=out / f"{name}.{language}.{look}.png", full_page=True)
                if look == "print":  # how it falls into pages
                    page.pdf(path=out / f"{name}.{language}.pdf", format="A4", prefer_css_page_size=True)
                progress.update()
            context.close()


def main() -> None:
    """Read the command line and make them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("screenshots"))
    parser.add_argument("--only", nargs="*", help="names of pages (see the file names)")
    parser.add_argument("--lang", nargs="*", choices=LANGUAGES, default=list(LANGUAGES))
    parser.add_argument("--look", nargs="*", choices=LOOKS, default=list(LOOKS))
    parser.add_argument("--release", type=Path, help="a release that is built already")
    given = parser.parse_args()
    with _release(given.release) as release, serving(release) as base, sync_playwright() as play:
        addresses = pages(release)
        chosen = {n: a for n, a in addresses.items() if not given.only or n in given.only}
        browser = play.chromium.launch(executable_path=find(), args=FLAGS)
        shoot(browser, base, chosen, given.out, given.lang, given.look)
        browser.close()


if __name__ == "__main__":
    main()
