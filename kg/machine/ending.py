"""The end of a process that runs one command: what it has in memory the system takes back at once.

A store of some hundred thousand statements takes a third of a second to be freed one by one, for nobody.
"""

from __future__ import annotations

import os
import sys

_kept: list[object] = []
_is_ours = False


def ends_with_the_command() -> None:
    """Say that this process is the command's own; only then anything is kept to the end."""
    global _is_ours  # noqa: PLW0603 (a process ends once)
    _is_ours = True


def keep_to_the_end(large: object) -> None:
    """Keep a thing that is large until the process ends, if that ends with the command."""
    if _is_ours:
        _kept.append(large)


def leave(code: int) -> None:
    """End the process at once if there is something that it would have to free; else return.

    The command is over by then: its contexts are closed, its threads and processes have ended.
    """
    if _kept:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
