"""Running work in a second process while this one goes on, where a second core is idle.

The result is the same as if the work were called directly; only the time differs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

T = TypeVar("T")
P = ParamSpec("P")
_PATIENCE = 5
"""How much a process goes behind others, in the system's measure: it gets a third of what they get."""
_LOOK = 1
"""Seconds after which a process that waits to begin looks whether the one that it works for is there."""


class Start(Protocol):
    """Starts a module's function, its arguments picklable; returns a function that waits for the result."""

    def __call__(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Callable[[], T]:
        """Start it and return its answer, a function."""
        ...


@contextmanager
def beside(*, worth: bool, fresh: bool = False) -> Iterator[Start]:
    """Yield a function that starts work in a second process.

    If that isn't ``worth`` it, the work is done here, when its result is asked for.
    ``fresh`` starts the process from nothing, which takes half a second and is needed where this one has
    threads or an open store of the engine; otherwise it is forked, and lets this one go first where both want
    a core, as its result is asked for last. What the work raises is raised when its result is asked for.
    """
    if not worth:
        yield _later
        return
    if not fresh and can_copy():
        # Without a pool, whose threads would keep this process from being copied again.
        with ExitStack() as started:

            def copy(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Callable[[], T]:
                return started.enter_context(forked(partial(work, *args, **kwargs), worth=True, last=True))

            yield copy
        return
    # Imported here, as in `forked`: it is slow to load, and most commands do their little work alone.
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:

        def start(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Callable[[], T]:
            return pool.submit(work, *args, **kwargs).result

        yield start


def can_copy() -> bool:
    """Say whether the system lets a process be copied with all that it has in memory."""
    import multiprocessing

    return "fork" in multiprocessing.get_all_start_methods()


@contextmanager
def forked(work: Callable[[], T], *, worth: bool, last: bool = False) -> Iterator[Callable[[], T]]:
    """Start work in a copy of this process, which has all that is in memory, and give its answer, a function.

    So what the work needs can be anything, but its answer must be such as can be pickled, and no other thread
    may be at work in the engine meanwhile. Where a process can't be copied, or the copy ends before it has
    answered, the work is done when its answer is asked for. What is asked for ``last`` lets others go first.
    """
    if not worth:
        yield work
        return
    if not can_copy():
        yield work
        return
    import multiprocessing

    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(work, there, last), daemon=True)
    process.start()
    there.close()

    def answer() -> T:
        try:
            done, found = here.recv()
        except (EOFError, OSError):
            return work()
        if not done:
            raise found
        return found  # type: ignore[no-any-return] # what `_answer` sent

    try:
        yield answer
    finally:
        here.close()
        process.kill()
        process.join()


@contextmanager
def held_back(
    work: Callable[[], T], *, worth: bool
) -> Iterator[tuple[Callable[[], object], Callable[[], T]]]:
    """Do as `forked`, but begin when that is told, or the answer is asked for: two functions, in this order.

    So the copy is made before there are threads, and works when a core is free; it lets others go first.
    """
    if not (worth and can_copy()):
        yield (lambda: None), work
        return
    import multiprocessing

    told, parent = multiprocessing.get_context("fork").Event(), os.getpid()

    def when_told() -> T:
        while not told.wait(_LOOK):
            if os.getppid() != parent:  # which was killed
                raise SystemExit
        return work()

    with forked(when_told, worth=True, last=True) as found:

        def answer() -> T:
            told.set()
            return found()

        yield told.set, answer


def _answer(work: Callable[[], object], there: Connection, last: bool) -> None:
    """Work, and send what it gives or raises. Nobody may be listening any more."""
    if last:
        os.nice(_PATIENCE)
    try:
        found: tuple[bool, object] = (True, work())
    except Exception as error:
        found = (False, error)
    with suppress(BrokenPipeError):
        there.send(found)


def _later(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Callable[[], T]:
    return lambda: work(*args, **kwargs)
