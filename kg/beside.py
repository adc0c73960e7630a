"""Running work in a second process while this one goes on, where a second core is idle.

The result is the same as if the work were called directly; only the time differs.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, Protocol, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


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
    threads or an open store of the engine; otherwise it is forked. What the work raises is raised when its
    result is asked for.
    """
    if not worth:
        yield _later
        return
    method = "spawn" if fresh or "fork" not in multiprocessing.get_all_start_methods() else "fork"
    with ProcessPoolExecutor(1, multiprocessing.get_context(method)) as pool:

        def start(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Callable[[], T]:
            return pool.submit(work, *args, **kwargs).result

        yield start


def _later(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Callable[[], T]:
    return lambda: work(*args, **kwargs)
