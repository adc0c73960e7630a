"""The table of quirks, walked: the engine is wrong there, and through our door right or refused."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.engine import Result
from kg.engine.door import Policy, admit
from kg.engine.jobs import Job
from kg.engine.local import LocalEngine, as_result
from kg.engine.pooled import read_written
from kg.engine.quirks import DATA, QUIRKS, Example, Quirk, of
from kg.engine.workers import Pool, PoolConfig
from kg.errors import QueryRefused

PREFIXES = "PREFIX : <http://e/> "
EXAMPLES = [
    pytest.param(quirk, example, id=f"{quirk.id}: {example.query}")
    for quirk in QUIRKS
    for example in quirk.examples
]


def store_of_examples(path: Path | None = None) -> ox.Store:
    store = ox.Store(str(path)) if path else ox.Store()
    store.load(DATA, format=ox.RdfFormat.N_QUADS)
    store.flush() if path else None
    return store


def rows(result: Result) -> list[tuple[str, ...]]:
    """A result as the table writes it."""
    if result.kind == "ask":
        return [(str(result.boolean).lower(),)]
    order = sorted(range(len(result.variables)), key=lambda i: result.variables[i])

    def short(term: object) -> str:
        return "" if term is None else term.value.removeprefix("http://e/")

    return sorted(tuple(short(row[i]) for i in order) for row in result.rows)


@pytest.mark.parametrize(("quirk", "example"), EXAMPLES)
def test_the_engine_as_it_is(quirk: Quirk, example: Example):
    """A version that has mended a quirk is taken out of its entry, and is written around no more."""
    try:
        said = rows(as_result(store_of_examples().query(PREFIXES + example.query)))
    except (SyntaxError, RuntimeError):
        said = None
    right = said == sorted(example.rows)
    assert right == (ox.__version__ not in quirk.versions), (said, example.rows)


@pytest.mark.parametrize(("quirk", "example"), EXAMPLES)
def test_through_the_door(quirk: Quirk, example: Example):
    engine = LocalEngine(store_of_examples())
    if quirk.refused and quirk.id in of():
        with pytest.raises(QueryRefused) as caught:
            engine.query(PREFIXES + example.query)
        assert caught.value.limit == "engine"
        assert caught.value.hint
        return
    if quirk.id in of():
        admitted = admit(PREFIXES + example.query, Policy(quirks=of()))
        assert admitted.met or admitted.order.ends
    assert rows(engine.query(PREFIXES + example.query)) == sorted(example.rows)


def test_a_query_process_answers_them_too(tmp_path: Path):
    store_of_examples(tmp_path / "store")

    async def ask_all() -> None:
        pool = Pool(PoolConfig(tmp_path / "store", tmp_path, workers=1))
        pool.start()
        try:
            for quirk in QUIRKS:
                for example in quirk.examples:
                    if not quirk.refused:
                        asked = admit(PREFIXES + example.query, Policy(quirks=of()))
                        result = read_written(await pool.answer(Job(asked)))
                        assert rows(result) == sorted(example.rows), example.query
        finally:
            await pool.close()

    asyncio.run(ask_all())


def test_another_version_is_asked_as_it_is():
    assert of("0.5.14") == of("1.0") == frozenset()
    query = "SELECT * { ?s <a>|<b> ?o }"
    assert admit(query, Policy(quirks=of("0.5.14"))).order.sparql == query


def test_a_job_is_made_of_nothing_but_what_was_admitted():
    with pytest.raises(TypeError):
        Job("SELECT * {}")
