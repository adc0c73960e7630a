"""Work in a process of its own, beside this one, where a second core has nothing to do.

What is started gives the same as when it is called in its turn: starting it is a matter of time alone.
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
    """Starts a module's function with arguments that can be pickled; the answer waits for what it returns."""

    def __call__(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Callable[[], T]:
        """Start it and return its answer, a function."""
        ...


@contextmanager
def beside(*, worth: bool, fresh: bool = False) -> Iterator[Start]:
    """Give a function that starts work in a second process; what isn't ``worth`` one is done when asked for.

    ``fresh`` begins the process anew, which takes half a second, and is needed where this one has threads or
    an open store of the engine; else it is forked. What the work raises is raised by the answer.
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
