"""Search over as many things as the whole gazetteer has: its time and memory, whatever is typed."""

import json
import random
import subprocess
import sys
import time

import pytest

from kg.release import Release
from kg.search import Index, folding, readings
from tests.test_search import HOSTILE
from tests.tiny import KG, RDF, RDFS, SKOS, release_of

pytestmark = [pytest.mark.long, pytest.mark.alone]

THINGS = 665_000
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
    first = readings.spellings(folding.runs(folding.fold(name)), "zh-hans")[0]
    return "".join(first.units).capitalize()


def country(names: list[str]):
    """Yield the lines of so many things, in a tree of five levels, with names, readings and codes."""
    chosen = random.Random(7)  # noqa: S311 # a sample, not a secret
    for n in range(THINGS):
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


@pytest.fixture(scope="module")
def names(release: Release) -> list[str]:
    return real_names(release)


@pytest.fixture(scope="module")
def large(names: list[str], tmp_path_factory: pytest.TempPathFactory) -> Release:
    return release_of(tmp_path_factory.mktemp("country"), country(names))


@pytest.fixture(scope="module")
def made(large: Release) -> dict[str, float]:
    run = subprocess.run(
        [sys.executable, "-c", MAKE, str(large.path)], check=True, capture_output=True, text=True, timeout=600
    )
    figures: dict[str, float] = json.loads(run.stdout)
    print(figures)
    return figures


def texts(names: list[str]) -> list[str]:
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
            str(100_000_000_000 + 37 * chosen.randrange(THINGS))[: chosen.randint(3, 12)],
            name[:2] + " " + chosen.choice(names)[-1],
        ]
    return found + HOSTILE


def test_it_is_made_in_time_and_within_memory(made: dict[str, float]):
    # What the making thread itself took: on two idle cores it is all that is waited for.
    assert made["busy"] < 100
    assert made["megabytes"] < 1024


def test_answers_take_under_ten_milliseconds(large: Release, made: dict[str, float], names: list[str]):
    index = Index.open(large.search)
    assert len(index) == THINGS
    taken = {}
    for text in texts(names):
        best = float("inf")
        for _ in range(3):  # of this thread, and the best of three: what the machine does beside isn't ours
            start = time.thread_time()
            index.find(text)
            best = min(best, time.thread_time() - start)
        taken[text] = best * 1000
    order = sorted(taken, key=taken.__getitem__)
    p50, p95 = taken[order[len(order) // 2]], taken[order[int(len(order) * 0.95)]]
    slowest = [(text[:12], round(taken[text], 1)) for text in order[-8:]]
    print(f"{len(order)} texts: median {p50:.2f} ms, p95 {p95:.2f} ms, slowest {slowest}")
    assert p95 < 10, slowest
    assert taken[order[-1]] < 60, slowest
