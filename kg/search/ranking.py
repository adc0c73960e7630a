"""The order of what was found.

First come things with a name or code equal to what was typed. The others are ordered by how much is written
about them (by powers of two), then names that start with it come before names that contain it. Both orders
agree with the rank by which the index sorts, so it is enough to take the first of each list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import tantivy
from tantivy import Order, Query

from kg.search.documents import written_of
from kg.search.hits import Match
from kg.search.queries import Queries

Ranked = tuple[int, tantivy.DocAddress]
"""A rank, and the address of the document with that rank."""

Found = tuple[Match, tantivy.DocAddress]


def best(searcher: tantivy.Searcher, query: Query, wanted: int) -> Sequence[Ranked]:
    """Return the matches of the highest rank."""
    found = searcher.search(query, limit=max(1, wanted), count=False, order_by_field="rank", order=Order.Desc)
    return found.hits


def ordered(searcher: tantivy.Searcher, queries: Queries, wanted: int) -> tuple[int, list[Found]]:
    """Return how many things match, and the first ``wanted`` of them."""
    everything = searcher.search(queries.all(), limit=max(1, wanted), order_by_field="rank", order=Order.Desc)
    total = int(everything.count)  # type: ignore[attr-defined] # its stub doesn't say so
    exact = best(searcher, queries.exact(), wanted)
    start = best(searcher, queries.start(), wanted)
    lists: tuple[tuple[Match, Sequence[Ranked], Callable[[Ranked], tuple[int, ...]]], ...] = (
        ("exact", exact, lambda ranked: (2, 0, 0, ranked[0])),
        ("start", start, lambda ranked: (1, written_of(ranked[0]).bit_length(), 1, ranked[0])),
        ("part", everything.hits, lambda ranked: (1, written_of(ranked[0]).bit_length(), 0, ranked[0])),
    )
    found: dict[tuple[int, int], tuple[tuple[int, ...], Found]] = {}
    for match, hits, order in lists:
        for hit in hits:
            found.setdefault(_key(hit[1]), (order(hit), (match, hit[1])))
    return total, [one for _order, one in sorted(found.values(), key=_order, reverse=True)][:wanted]


def addresses(ranked: Iterable[Ranked]) -> list[tantivy.DocAddress]:
    """Return the addresses of the documents."""
    return [address for _rank, address in ranked]


def _order(entry: tuple[tuple[int, ...], Found]) -> tuple[int, ...]:
    return entry[0]


def _key(address: tantivy.DocAddress) -> tuple[int, int]:
    return (address.segment_ord, address.doc)
