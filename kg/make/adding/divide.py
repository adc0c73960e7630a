"""Where the words of a Chinese text end, for a writing that sets them apart (GB/T 16159)."""

from __future__ import annotations

from itertools import groupby

ALONE = frozenset("cdmpruy")
"""What a single character between words is to stand by itself: conjunctions, adverbs, numerals, prepositions,
pronouns, particles, by the first letter of its part of speech (ICTCLAS, as jieba has it)."""

LONG = 4
"""Characters from which on a word of the dictionary is itself cut into words, where it is made of some."""


def words_of(text: str, counted: bool = False) -> list[str]:
    """Return a run of Chinese characters as words, which joined give the text again.

    A dictionary and its statistics know most words. Names they know by halves: characters that are left over
    one by one are a name together, a single one belongs to the word before it (a village, a road), at the
    beginning to the one behind. After a number (``counted``) the first stands alone: it is what is counted.
    """
    import rjieba

    found: list[str] = []
    opens = False
    for single, group in groupby(rjieba.tag(text, True), key=lambda one: len(one[0]) == 1):
        pieces = list(group)
        if not single:
            words = [part for word, _ in pieces for part in _parts(word)]
            if opens:
                found[-1] += words.pop(0)
            found += words
            opens = False
            continue
        characters, part = "".join(word for word, _ in pieces), pieces[0][1]
        if counted and not found:
            found.append(characters[0])
            characters = characters[1:]
        if len(characters) == 1 and len(pieces) == 1 and part[:1] not in ALONE:
            opens = not found
            found[-1:] = [found[-1] + characters] if found else [characters]
        elif characters:
            found.append(characters)
            opens = False
    return found


def _parts(word: str) -> list[str]:
    """Return the words of two characters or more that a long one is made of, else itself."""
    import rjieba

    if len(word) < LONG:
        return [word]
    inside = {one for one in rjieba.cut_for_search(word, False) if one != word}
    known = sorted(inside, key=lambda one: (-len(one), one))

    def tiles(rest: str) -> list[str] | None:
        if not rest:
            return []
        for one in known:
            if len(one) > 1 and rest.startswith(one) and (after := tiles(rest[len(one) :])) is not None:
                return [one, *after]
        return None

    return tiles(word) or [word]
