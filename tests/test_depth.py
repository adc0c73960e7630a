"""How much passages state: the documents that came first were read again, as deeply as the founding one."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import pyoxigraph as ox

from kg import resources

DATA = resources.data_dir()
FIRST = [
    "binfen-2022-future-community",
    "bjreview-2020-facelift",
    "cuiyuan-2022-survey",
    "daguan-2019-first-lifts",
    "datang-2019-micro-renewal",
    "dujia-2018-lifts-for-all",
    "future-communities-book",
    "gongshu-2018-first-lift",
    "gongshu-2023-thousand-lifts",
    "hangzhou-2020-plan",
    "hangzhou-2021-goal-reached",
    "hangzhou-2021-new-districts",
    "hangzhou-2022-best-case-finalists",
    "hangzhou-2022-case-series",
    "hangzhou-2022-future-communities",
    "hangzhou-2022-lifts-4220",
    "hangzhou-2022-lifts-in-english",
    "hangzhou-2023-all-ages",
    "hangzhou-2023-lifts-5338",
    "hangzhou-2023-three-year-plan",
    "hangzhou-2024-may-progress",
    "hemu-2019-homes-for-the-old",
    "hemu-2025-renewal-case",
    "hongmei-2020-ten-changes",
    "hongmei-2022-garage",
    "huajiachi-2018-lifts",
    "ifeng-2020-results",
    "linping-2022-twenty-projects",
    "linping-finance-2022",
    "shanhusha-2021-lift",
    "shine-2021-livelihood-progress",
    "shine-2021-model-communities",
    "tonglu-2025-seventy-four",
    "xiacheng-2019-design-contest",
    "xiaoying-2023-maolangxiang",
    "xihu-2022-sanba-yayuan",
    "xihu-2023-first-in-province",
    "xingong-2020-january",
    "xingong-2020-november",
    "yuhang-2022-seventeen-compounds",
    "zhakou-2020-dormitory",
    "zhegong-2024-self-renewal",
    "zhejiang-2021-fourth-batch",
]
"""The 43 documents that were there when their passages stated 12.5 statements each."""
STATED = re.compile(r"/graph/[^/]+/(p\d+[a-z]?)$")
PASSAGE = re.compile(r"/graph/[^/]+/(p\d+[a-z]?)")


def test_the_first_documents_state_twice_what_they_did() -> None:
    stated, passages = Counter[str](), defaultdict[str, set[str]](set)
    for slug in FIRST:
        for path in (DATA / slug).glob("p*.trig"):
            for quad in ox.parse(path=path, format=ox.RdfFormat.TRIG):
                graph = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
                stated[slug] += STATED.search(graph) is not None
                if match := PASSAGE.search(graph):
                    passages[slug].add(match[1])
    assert set(passages) == set(FIRST)
    assert sum(stated.values()) / sum(map(len, passages.values())) >= 2 * 12.5
