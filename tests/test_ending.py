"""How a command's own process ends: at once where a store would have to be freed, as any other elsewhere."""

from __future__ import annotations

import subprocess
import sys

from kg.machine import ending

_LARGE = "import sys, atexit; from kg.machine import ending; atexit.register(print, 'freed')"


def _ended(code: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{_LARGE}\n{code}"], check=False, capture_output=True, text=True
    )
    return done.returncode, done.stdout, done.stderr


def test_it_ends_at_once_with_its_code_and_all_that_was_said():
    code = (
        "ending.ends_with_the_command(); ending.keep_to_the_end(object())\n"
        "print('said'); print('told', file=sys.stderr); ending.leave(3)"
    )
    assert _ended(code) == (3, "said\n", "told\n")


def test_it_ends_as_ever_where_nothing_large_is_kept():
    assert _ended("ending.ends_with_the_command(); ending.leave(3)") == (0, "freed\n", "")


def test_nothing_is_kept_in_a_process_that_goes_on():
    assert _ended("ending.keep_to_the_end(object()); ending.leave(3)") == (0, "freed\n", "")
    ending.keep_to_the_end(object())
    ending.leave(3)
