"""The same page from each process: a set of strings has another order in each, and no page may follow it."""

import re
from collections.abc import Iterator
from itertools import zip_longest
from urllib.parse import quote

import pytest

from kg.release import Release
from tests.servers import Served, fetch, kg_serve

pytestmark = pytest.mark.long

PAGES = [
    "/",
    "/browse?class=linli:ResidentialCompound",
    "/compare",
    "/compare?class=linli:ResidentialCompound&item=id:compound/cuiyuan-siqu&item=id:compound/zhegong-xincun",
    "/coverage",
    "/dataset",
    "/map",
    "/network",
    "/ontology/",
    "/page/graph/zhegong-2023-who-pays/p07",
    "/page/id/division/nbs2023-330100000000",
    "/page/id/compound/cuiyuan-siqu",
    "/page/id/compound/zhegong-xincun",
    "/page/ontology/ResidentialCompound",
    "/page/source/zhegong-2023-self-raised",
    "/quality",
    "/questions",
    "/questions/parking-gained?sources=1",
    "/search?q=翠苑",
]


@pytest.fixture(scope="module")
def two(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Served]]:
    """The default release from two processes whose sets are in different orders."""
    folders = [tmp_path_factory.mktemp(f"seed-{seed}") for seed in (2, 3)]
    environs = [{"KG_WORKERS": "1", "PYTHONHASHSEED": str(seed)} for seed in (2, 3)]
    with (
        kg_serve(release, folders[0], environs[0], anew=True) as one,
        kg_serve(release, folders[1], environs[1], anew=True) as other,
    ):
        yield one, other


def shown(served: Served, page: str) -> list[str]:
    """The lines of a page, without its nonce and the address of the server itself."""
    reply = fetch(served.url + quote(page, safe="/?=:&"), timeout=60)
    assert reply.status == 200
    text = re.sub(r'nonce(=|": ")"?[\w-]+', "nonce", reply.body.decode())
    return text.replace(served.url, "").replace(quote(served.url, safe=""), "").splitlines()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_the_same_from_each_process(two: tuple[Served, Served], page: str):
    lines = [shown(one, page) for one in two]
    other = [pair for pair in zip_longest(*lines) if pair[0] != pair[1]]
    assert other[:3] == []
