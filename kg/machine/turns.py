"""Work on a row of things that a process and a copy of it share out: each takes the next that nobody has.

So neither waits for the other, whatever else each has to do.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from kg.machine.beside import can_copy, forked

R = TypeVar("R")
_FEW = 500
"""Places that are taken at once: the last are done by one, while the other waits."""
_TOKEN = 8
_TOKENS = 512
"""Portions at most: their tokens fit into a pipe of one page, the least that a system gives."""


@contextmanager
def in_turns(work: Callable[[range], list[R]], count: int, *, worth: bool) -> Iterator[Callable[[], list[R]]]:
    """Work on ``count`` places: a copy of this process begins, and this one joins when asked for the answer.

    ``work`` is given places and returns what it found there. The answer, a function, is all that was found,
    by place; what a copy that ended early hasn't told is done here. If it isn't ``worth`` a copy, none is
    made. As in `forked`, no other thread may be at work in the engine when the copy is made.
    """
    if not (worth and can_copy()):
        yield lambda: work(range(count))
        return
    size = max(_FEW, -(-count // _TOKENS))
    portions = [range(start, min(start + size, count)) for start in range(0, count, size)]
    # A pipe and no lock: a copy that is killed can't keep it.
    reading, writing = os.pipe()
    os.write(writing, b"".join(number.to_bytes(_TOKEN) for number in range(len(portions))))
    os.close(writing)

    def some() -> dict[int, list[R]]:
        found = {}
        while token := os.read(reading, _TOKEN):
            number = int.from_bytes(token)
            found[number] = work(portions[number])
        return found

    try:
        with forked(some, worth=True) as there:

            def answer() -> list[R]:
                found = some()
                found |= there()
                for number in range(len(portions)):
                    if number not in found:
                        found[number] = work(portions[number])
                return [one for number in sorted(found) for one in found[number]]

            yield answer
    finally:
        os.close(reading)
