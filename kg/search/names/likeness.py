"""Likeness of names in scripts without spaces: a name that shares pairs of characters is compared closely."""

from __future__ import annotations

SHORTEST = 3
"""Characters that must be typed before a wrong one is forgiven."""


def forgiven(word: str) -> int:
    """Return how many edits are forgiven in a word of characters."""
    if len(word) < SHORTEST:
        return 0
    return 1 if len(word) < 6 else 2


def distance(word: str, name: str, limit: int) -> int:
    """Return the fewest edits that turn ``word`` into a part of ``name``, or ``limit`` + 1 for any more.

    An edit is a character put in, left out or replaced (Sellers 1980).
    """
    row = [0] * (len(name) + 1)
    for at, character in enumerate(word, 1):
        above, row = row, [at]
        for column, other in enumerate(name, 1):
            row.append(min(above[column - 1] + (character != other), above[column] + 1, row[column - 1] + 1))
        if min(row) > limit:
            return limit + 1
    return min(row)
