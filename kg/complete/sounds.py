"""How a label can be typed on a Latin keyboard: whole (``jiedao``) or by its first letters (``jd``)."""

from __future__ import annotations

from collections.abc import Iterable

from kg.search.names import folding, readings


def sounds(labels: Iterable[tuple[str, str]]) -> list[str]:
    """Return the ways to spell some labels (text, language tag), without doubles."""
    found: dict[str, None] = {}
    for text, language in labels:
        parts = folding.runs(folding.fold(text))
        for spelling in readings.spellings(parts, language or None):
            if spelling.is_read:
                for word in sorted(readings.typed(spelling.units, is_read=True)):
                    found[word] = None
                found[readings.initials(spelling.units)] = None
    return list(found)
