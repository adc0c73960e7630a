"""How long ``kg check`` takes: without a memory, the first time, again, and again after one file changed.

    python -m benchmarks.check [--rounds 3]

Asked: the last, which is a curator's loop, under four seconds by the clock on two cores that do nothing else.
By the clock and in seconds of the processor, of all processes; medians.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from kg import resources

_PROGRAM = Path(sys.executable).parent / "kg"
_CASES = ("first", "again", "comment", "figure")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in _CASES}
    for _ in range(given.rounds):
        with tempfile.TemporaryDirectory() as folder:
            data = Path(shutil.copytree(resources.data_dir(), Path(folder) / "data"))
            for name in _CASES:
                _change(name, data)
                took[name].append(_timed(data, Path(folder) / "cache"))
    for name, found in took.items():
        clock, processor = (statistics.median(one) for one in zip(*found, strict=True))
        print(f"{name:8} {clock:6.1f} s by the clock, {processor:6.1f} s of the processor")


def _change(name: str, data: Path) -> None:
    """Change one file: add a comment, or another digit to one figure with its name."""
    path = min(one for one in data.glob("*/p*.trig") if "value" in one.read_text(encoding="utf-8"))
    text = path.read_text(encoding="utf-8")
    if name == "comment":
        path.write_text(f"{text}\n# read again\n", encoding="utf-8")
    elif name == "figure":
        first, said, rest = text.partition("value ")
        number = rest.split()[0]
        path.write_text(f"{first}{said}1{number}{rest.removeprefix(number)}", encoding="utf-8")


def _timed(data: Path, cache: Path) -> tuple[float, float]:
    """Run a check. Returns seconds by the clock and of the processor."""
    before, began = os.times(), time.perf_counter()
    environ: Mapping[str, str] = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    command = [_PROGRAM, "check", "--data", data]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    clock, after = time.perf_counter() - began, os.times()
    if done.returncode:
        print(done.stderr, file=sys.stderr)
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return clock, used


if __name__ == "__main__":
    main()
