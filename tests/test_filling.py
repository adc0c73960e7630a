"""A store is filled while others work: the merge first, graphs behind it, and all of both in the end."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Event, active_count

import pyoxigraph as ox
import pytest

from kg.make.loading import bulk
from kg.make.loading.bulk import Filling
from kg.make.loading.glance import Lines

MERGE = ox.DefaultGraph()


def quads(graph: str, numbers: Iterable[int]) -> list[ox.Quad]:
    thing = ox.NamedNode("http://e/thing")
    return [ox.Quad(thing, ox.NamedNode("http://e/p"), ox.Literal(n), ox.NamedNode(graph)) for n in numbers]


def lines(found: list[ox.Quad]) -> Lines:
    quads = ox.serialize(found, format=ox.RdfFormat.N_QUADS)
    triples = ox.serialize([quad.triple for quad in found], format=ox.RdfFormat.N_TRIPLES)
    return Lines(quads or b"", triples or b"")


def merged(found: Iterable[ox.Quad]) -> set[ox.Quad]:
    return {ox.Quad(one.subject, one.predicate, one.object) for one in found}


@pytest.mark.parametrize("piece", [1, 100, 2**18])
@pytest.mark.parametrize("at_once", [0, 200, 2**20])
def test_all_is_in_the_merge_and_in_its_graphs(at_once: int, piece: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bulk, "_AT_ONCE", at_once)
    monkeypatch.setattr(bulk, "_PIECE", piece)
    monkeypatch.setattr(bulk, "_MOST", 2)
    monkeypatch.setattr(bulk, "_MOST_BEHIND", 3)
    stated = [quads(f"http://e/{graph}", range(graph, graph + 9)) for graph in range(20)]
    threads, store = active_count(), ox.Store()
    with Filling(store) as filling:
        for graph, some in enumerate(stated):
            filling.add(lines(some), [f"http://e/{graph}"])
        filling.settle_merge()
        everything = {one for some in stated for one in some}
        assert set(store.quads_for_pattern(None, None, None, MERGE)) == merged(everything)
        filling.settle_graph("http://e/7")
        assert set(store.quads_for_pattern(None, None, None, ox.NamedNode("http://e/7"))) == set(stated[7])
        filling.into_graph("http://e/x", b"<http://e/thing> <http://e/p> <http://e/o> .\n" * 3)
    assert active_count() == threads
    added = {one for one in store if one.graph_name == ox.NamedNode("http://e/x")}
    assert len(added) == 1
    assert set(store) == everything | merged(everything) | added


def test_the_merge_goes_before_graphs_that_wait(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bulk, "_AT_ONCE", 0)
    begin, store = Event(), ox.Store()
    with Filling(store) as filling:
        filling._submit(filling._urgent, begin.wait)
        for number in range(3):
            filling.add(lines(quads(f"http://e/{number}", [number])), [f"http://e/{number}"])
        done: list[str] = []
        assert filling.waiting() == {f"http://e/{number}" for number in range(3)}
        for queue, name in ((filling._urgent, "merge"), (filling._behind, "graph")):
            for _, future in queue:
                future.add_done_callback(lambda _, name=name: done.append(name))
        begin.set()
        filling.settle()
        assert done == ["merge"] * 3 + ["graph"] * 3


def test_what_the_engine_raises_is_raised_and_the_rest_dropped(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bulk, "_AT_ONCE", 0)
    threads, store = active_count(), ox.Store()
    with pytest.raises(SyntaxError), Filling(store) as filling:
        filling.add(Lines(b"no statement <http://e/g> .\n", b"no statement .\n"), ["http://e/g"])
        filling.settle_merge()
    assert active_count() == threads
    assert len(store) == 0


def test_whoever_writes_to_the_merge_waits_for_a_piece_of_a_graph_alone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bulk, "_PIECE", 100)
    seen: list[bytes] = []

    class Seen:
        def load(self, *, input: bytes, **how: object) -> None:
            seen.append(input)

    stated = lines(quads("http://e/graph", range(50)))
    with Filling(Seen()) as filling:  # type: ignore[arg-type]
        filling.into_graph("http://e/graph", stated.triples)
        filling.add(stated, ["http://e/graph"])
    whole, pieces = max(seen, key=len), [one for one in seen if len(one) < 300]
    assert whole == stated.triples
    assert len(pieces) == len(seen) - 1
    assert all(one.endswith(b" .\n") for one in pieces)
    assert sorted(b"".join(pieces).splitlines()) == sorted((stated.triples + stated.quads).splitlines())
