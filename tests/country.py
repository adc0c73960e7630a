"""Names of as many things as a whole country has, made of real ones; and what people type to find them."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from kg.release import Release
from kg.search.names import folding, readings
from tests.test_search import HOSTILE
from tests.tiny import KG, RDF, RDFS, SKOS

THINGS = 665_000
"""As many as the whole gazetteer has."""
MAKE = """
import json, sys, time
from pathlib import Path
from kg.release import open_release
from kg.search import ensure_index
start = time.perf_counter()
ensure_index(open_release(Path(sys.argv[1])))
seconds = time.perf_counter() - start
# Not ru_maxrss: that starts with what the process had that started this one.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
figures = {"seconds": seconds, "busy": time.thread_time(), "megabytes": int(peak.split()[1]) / 1024}
print(json.dumps(figures))
"""


def real_names(release: Release) -> list[str]:
    """The Simplified names of the default data, of which others are put together."""
    tail = "@zh-hans"
    found = set()
    for line in release.file("dataset.nq").read_text(encoding="utf-8").splitlines():
        if f"<{RDFS}label>" in line and tail in line:
            found.add(line.split('"')[1])
    return sorted(name for name in found if 3 <= len(name) <= 12 and folding.is_dense(name))


def spelt(name: str) -> str:
    """A name's reading, as a word."""
    first = readings.spellings(folding.runs(folding.fold(name)), "zh-hans")[0]
    return "".join(first.units).capitalize()


def country(names: list[str], things: int = THINGS) -> Iterator[str]:
    """Yield the lines of so many things, in a tree of five levels, with names, readings and codes."""
    chosen = random.Random(7)  # noqa: S311 # a sample, not a secret
    for n in range(things):
        one, other = chosen.choice(names), chosen.choice(names)
        name = one[: max(1, len(one) // 2)] + other[len(other) // 2 :]
        iri, code = f"x:t{n:06}", f"{100_000_000_000 + n * 37}"
        up = f"x:t{n // 15:06}"
        yield f"<{iri}> <{RDF}type> <x:Level{min(4, len(str(n)) - 1)}> <x:g> .\n"
        yield f'<{iri}> <{RDFS}label> "{name}"@zh-hans <x:g> .\n'
        yield f'<{iri}> <{RDFS}label> "{spelt(name)}"@zh-latn-pinyin <x:g/derived> .\n'
        yield f"<{iri}> <x:hasIdentifier> <{iri}/id> <x:g> .\n"
        yield f"<{iri}/id> <{RDF}type> <x:Identifier> <x:g> .\n"
        yield f'<{iri}/id> <{SKOS}notation> "{code}" <x:g> .\n'
        if n:
            yield f"<{iri}> <x:partOf> <{up}> <x:g> .\n"
            yield f"<{iri}> <x:within> <{up}> <x:g/inferred> .\n"
    yield f'<x:Identifier> <{KG}isDependent> "true" <x:g> .\n'


def made(release: Release) -> dict[str, Any]:
    """Make the index of names in a process of its own: seconds, those of the processor, and megabytes."""
    run = subprocess.run(
        [sys.executable, "-c", MAKE, str(release.path)],
        check=True,
        capture_output=True,
        text=True,
        timeout=1800,
    )
    return dict(json.loads(run.stdout))


def texts(names: list[str], things: int = THINGS) -> list[str]:
    """What people type: names, beginnings, middles, readings, first letters, codes, slips, and worse."""
    chosen = random.Random(8)  # noqa: S311 # a sample, not a secret
    found = []
    for _ in range(60):
        name = chosen.choice(names)
        reading, at = spelt(name).lower(), chosen.randrange(len(name))
        slip = chosen.randrange(1, max(2, len(reading) - 1))
        found += [
            name,
            name[:2],
            name[-2:],
            name[at],
            reading,
            reading[: chosen.randint(1, 6)],
            reading[:slip] + reading[slip + 1 : slip + 2] + reading[slip : slip + 1] + reading[slip + 2 :],
            name[:at] + "龘" + name[at + 1 :],
            "".join(part[0] for part in readings.spellings(folding.runs(name), "zh")[0].units),
            str(100_000_000_000 + 37 * chosen.randrange(things))[: chosen.randint(3, 12)],
            name[:2] + " " + chosen.choice(names)[-1],
        ]
    return found + HOSTILE
