"""A source's sentences as a second reader gets them: numbered, beside the passage, its own words marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from kg.evidence.texts import find_texts, read_text
from kg.review.sentences import Sentence
from kg.review.words import Words


def listing(
    sentences: Iterable[Sentence],
    words: Words,
    paragraphs: dict[str, str],
    *,
    only: frozenset[str] | None = None,
) -> Iterator[str]:
    """Yield a line a sentence, and above those of a passage its text, as far as it is at hand.

    An r behind the number marks a reading. ``only`` leaves out all but the sentences of these digests.
    """
    last = None
    for one in sentences:
        if only is not None and one.digest not in only:
            continue
        text = paragraphs.get(one.passage.locator, "")
        if one.passage.locator != last:
            last = one.passage.locator
            yield f"\n[{last}] {text}".rstrip()
        marked = " ".join(f"“{text[start:end]}”" for start, end in one.spans if text)
        number = f"{one.number:>5}{'r' if one.is_reading else ' '}"
        yield f"{number} {words.say(one)}" + (f"  ← {marked}" if marked else "")


def read_paragraphs(texts: Path, data: Path, source: str) -> dict[str, str]:
    """Return the paragraphs of a source's texts in a folder, by their locators."""
    found: dict[str, str] = {}
    for name, path in find_texts(texts, data):
        if name == source:
            found |= read_text(path)
    return found
