"""How long each step of a build takes, and how much memory it has held until then.

    python -m benchmarks.build --out DIR [--ontology DIR] [--data DIR] [--whole SOURCE]

``--whole`` takes all rows of a source whose mapping cuts it to a part (a country's gazetteer instead of a
city's), so that the build is as large as the source allows. Rules and checks that take long are named.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kg import complete, make, resources, sources
from kg.machine.progress import Tick
from kg.make.asking import CHECKS
from kg.make.loading.files import query_files
from kg.release.store import ensure_store
from kg.search import ensure_index

LONG = 1.0
"""A tick that takes as many seconds is told."""


@dataclass
class Clock:
    """Prints what each step took: wall and processor seconds, the most memory held so far (MB)."""

    names: dict[str, list[str]]
    start: float = field(default_factory=time.perf_counter)

    @contextmanager
    def step(self, title: str, total: int | None = None, unit: str = "") -> Iterator[Tick]:  # noqa: ARG002 (the protocol's)
        """Time a step, and each of its ticks that has a name."""
        began, worked = time.perf_counter(), time.process_time()
        last = [began]
        left = iter(self.names.get(title, ()))

        def tick(_count: int) -> None:
            name = next(left, None)
            if name is None:
                return
            now = time.perf_counter()
            if now - last[0] >= LONG:
                print(f"    {now - last[0]:8.1f} s  {name}", flush=True)
            last[0] = now

        yield tick
        wall, processor = time.perf_counter() - began, time.process_time() - worked
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{title:<10}{wall:8.1f} s wall {processor:8.1f} s processor {peak:8.0f} MB peak", flush=True)


def main() -> None:
    """Build, and print what each step took."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--ontology", type=Path, default=resources.ontology_dir())
    parser.add_argument("--data", type=Path, default=resources.data_dir())
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--whole", metavar="SOURCE")
    given = parser.parse_args()
    checks = [*sorted(CHECKS.glob("*.rq")), *query_files(given.ontology, "checks")]
    clock = Clock(
        {
            "infer": [path.stem for path in query_files(given.ontology, "rules")],
            "validate": ["shapes", *(path.stem for path in checks)],
        }
    )
    with ExitStack() as stack:
        data = given.data
        if given.whole:
            data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            with clock.step("source"):
                _link(given.data, data, given.whole)
        release = make.build(given.ontology, data, given.out, progress=clock)
    for name, ensure in (("store", ensure_store), ("search", ensure_index), ("complete", complete.ensure)):
        with clock.step(name):
            ensure(release)
    print(f"{time.perf_counter() - clock.start:.0f} s in all; {release.counts}; {release.path}")


def _link(data: Path, place: Path, whole: str) -> None:
    """Fill a folder with links to the data, but for one source, of which every row is taken."""
    for path in data.iterdir():
        if path.name != whole:
            (place / path.name).symlink_to(path.resolve())
    folder = place / whole
    folder.mkdir()
    for path in (data / whole).iterdir():
        (folder / path.name).symlink_to(path.resolve())
    made = sources.refresh(data, whole, scope=sources.EVERYTHING, out=place.parent / f"{place.name}-made")
    (folder / made.path.name).unlink()
    made.path.rename(folder / made.path.name)
    made.path.parent.rmdir()


if __name__ == "__main__":
    main()
