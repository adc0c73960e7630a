"""Texts of the data are shown with the brackets of their language; the data keeps what sources write."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest

from kg.typography import closed, printed

CHINESE = "\u3400-\u9fff"
HALF = re.compile(rf"[{CHINESE}]\s?\(|\([{CHINESE}]")


@pytest.mark.parametrize(
    ("text", "tag", "shown"),
    [
        ("红梅社区(三区、四区)旧改", "zh-hans", "红梅社区（三区、四区）旧改"),
        ("三年計劃 (2023年起) 通知", "zh-hant", "三年計劃（2023年起）通知"),
        ("业委会(一期(东区))", "zh-hans", "业委会（一期（东区））"),
        ("办公楼 (A)", "zh-hans", "办公楼 (A)"),
        ("办公楼(A)", "zh-hans", "办公楼（A）"),
        ("用 count(?x) 计数", "zh-hans", "用 count(?x) 计数"),
        ("没有右括号(的", "zh-hans", "没有右括号(的"),
        ("Yuan (third part)", "en", "Yuan (third part)"),
        ("Yuán (sān qū)", "zh-latn-pinyin", "Yuán (sān qū)"),
        ("苑(东)", "en", "苑(东)"),
        ("苑(东)", "", "苑(东)"),
        ("苑(东)", "xx", "苑(东)"),
    ],
)
def test_brackets_are_those_of_the_language(text: str, tag: str, shown: str):
    assert printed(text, tag) == shown


@pytest.mark.parametrize(
    ("text", "tag", "right"),
    [
        ("人口 逾12,000 人", "zh-hans", "人口逾12,000 人"),
        ("人口 3,000 人", "zh-hant", "人口 3,000 人"),
        ("甲 乙 丙", "zh-hans", "甲乙丙"),
        ("甲 乙", "en", "甲 乙"),
        ("甲 乙", "", "甲 乙"),
    ],
)
def test_letters_of_full_width_stand_side_by_side(text: str, tag: str, right: str):
    assert closed(text, tag) == right


def test_pages_in_chinese_have_no_brackets_of_half_width(every_kind: Callable[[str], dict[str, str]]):
    """What stands in markup as text; the editor's queries and the forms of citations are for programs."""
    found = {}
    for name, body in every_kind("zh-Hant").items():
        if name in {"query", "cite", "dataset", "question-embedded"}:
            continue
        shown = re.sub(r"(?s)<(script|style|pre|code)\b.*?</\1>", "", body)
        wrong = [one for one in map(html.unescape, re.findall(r">([^<>]+)<", shown)) if HALF.search(one)]
        if wrong:
            found[name] = wrong[:5]
    assert found == {}
