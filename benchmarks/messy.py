"""Make the messy names of `benchmarks/reconcile.csv` anew from a release; what is written by hand stays.

    python -m benchmarks.messy [RELEASE] [--seed 2026]

Each is a name as it stands in somebody's table, with the thing that is meant. Names that are the name of
something else are passed over, so that there is one right answer; names that several things have come with
the district that tells them apart.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import pyoxigraph as ox
from opencc import OpenCC

from kg.engine.local import LocalEngine
from kg.release import Release, active_release, open_release
from kg.release.store import ensure_store
from kg.search import ensure_index
from kg.search.index import Index
from kg.search.names import folding
from kg.settings import Settings

ROOT = Path(__file__).resolve().parent
NAMES = ROOT / "reconcile.csv"
LOCATED_IN = "ontology/isLocatedIn"


@dataclass(frozen=True)
class Row:
    """A messy name, what its table says beside it, and the thing that is meant (an id; empty: none)."""

    name: str
    type: str
    district: str
    right: str
    mess: str
    made: str


@dataclass(frozen=True)
class Named:
    """A thing of the release under one of its names."""

    id: str
    kind: str
    name: str
    district: str = ""
    former: str = ""


Recipe = Callable[[Named, random.Random, str], str]
"""Makes a name messy; the text holds the characters of all names."""


def read(path: Path = NAMES) -> list[Row]:
    """Return the rows of the file."""
    with path.open(encoding="utf-8", newline="") as lines:
        return [Row(**row) for row in csv.DictReader(lines)]


@cache
def _converter(name: str) -> OpenCC:
    return OpenCC(name)


def traditional(one: Named, chance: random.Random, _all: str) -> str:
    return str(_converter(chance.choice(["s2t", "s2tw", "s2hk"])).convert(one.name))


def pinyin(one: Named, chance: random.Random, _all: str) -> str:
    from pypinyin import Style, lazy_pinyin

    style = Style.TONE if chance.random() < 0.25 else Style.NORMAL
    parts = lazy_pinyin(one.name, style=style)
    return chance.choice(["", " "]).join(parts).capitalize()


def wrong(one: Named, chance: random.Random, every: str) -> str:
    at = chance.randrange(len(one.name))
    return one.name[:at] + chance.choice(every) + one.name[at + 1 :]


def missing(one: Named, chance: random.Random, _all: str) -> str:
    at = chance.randrange(len(one.name))
    return one.name[:at] + one.name[at + 1 :]


def swapped(one: Named, chance: random.Random, _all: str) -> str:
    at = chance.randrange(len(one.name) - 1)
    return one.name[:at] + one.name[at + 1] + one.name[at] + one.name[at + 2 :]


def added(one: Named, chance: random.Random, every: str) -> str:
    at = chance.randrange(1, len(one.name))
    return one.name[:at] + chance.choice(every) + one.name[at:]


def shortened(one: Named, _chance: random.Random, _all: str) -> str:
    for end in ("小区", "社区", "街道", "花园", "新村", "公寓", "服务中心", "村"):
        if one.name.endswith(end):
            return one.name.removesuffix(end)
    return ""


def suffixed(one: Named, chance: random.Random, _all: str) -> str:
    return one.name + chance.choice(["小区", "社区", "街道", "（杭州）"])


def placed(one: Named, chance: random.Random, _all: str) -> str:
    if not one.district:
        return ""
    places = [f"浙江省杭州市{one.district}", f"杭州市{one.district}", one.district, one.district[:-1], "杭州"]
    return chance.choice(places) + chance.choice(["", " "]) + one.name


def formerly(one: Named, chance: random.Random, _all: str) -> str:
    if not one.former or one.former == one.district:
        return ""
    return chance.choice([f"杭州市{one.former}", one.former, one.former[:-1]]) + one.name


def addressed(one: Named, chance: random.Random, _all: str) -> str:
    number = chance.randrange(2, 40)
    ends = [f"{number}幢2单元", f"{number}号", f"{number}-{number + 3}幢"]
    return chance.choice(["", one.district]) + one.name + chance.choice(ends)


def same(one: Named, _chance: random.Random, _all: str) -> str:
    return one.name if one.district else ""


RECIPES: dict[str, tuple[Recipe, int]] = {
    "traditional characters": (traditional, 16),
    "pinyin": (pinyin, 16),
    "a wrong character": (wrong, 18),
    "a missing character": (missing, 12),
    "characters swapped": (swapped, 10),
    "a character too much": (added, 6),
    "suffix missing": (shortened, 14),
    "suffix too much": (suffixed, 10),
    "city or district before it": (placed, 18),
    "an abolished district before it": (formerly, 16),
    "building behind it": (addressed, 10),
    "namesakes told apart by the district": (same, 12),
}


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("release", type=Path, nargs="?")
    parser.add_argument("--seed", type=int, default=2026)
    given = parser.parse_args()
    release = open_release(given.release) if given.release else active_release(Settings.load().releases)
    by_hand = [row for row in read() if row.made == "hand"] if NAMES.is_file() else []
    rows = [*make(release, given.seed), *by_hand]
    with NAMES.open("w", encoding="utf-8", newline="") as lines:
        table = csv.writer(lines, lineterminator="\n")
        table.writerow([field.name for field in fields(Row)])
        for row in rows:
            table.writerow([getattr(row, field.name) for field in fields(Row)])


def make(release: Release, seed: int) -> list[Row]:
    """Return the rows that are made of the release's names."""
    index, chance = Index.open(ensure_index(release)), random.Random(seed)  # noqa: S311 # no secret
    things = named(release)
    characters = "".join(sorted({character for one in things for character in one.name if character >= "一"}))
    rows: list[Row] = []
    for mess, (recipe, wanted) in RECIPES.items():
        drawn = chance.sample(things, len(things))
        made = 0
        for one in balanced(drawn):
            if made == wanted:
                break
            text = recipe(one, chance, characters)
            namesakes = mess.startswith("namesakes")
            if text and fits(index, one, text, mess, namesakes=namesakes):
                kind = one.kind if namesakes or chance.random() < 0.5 else ""
                hinted = namesakes or chance.random() < 0.2
                rows.append(Row(text, kind, one.district if hinted else "", one.id, mess, "script"))
                made += 1
        assert made == wanted, f"{mess}: {made} of {wanted}"
    return rows


def fits(index: Index, one: Named, text: str, mess: str, *, namesakes: bool) -> bool:
    """Say whether a messy name has one right answer."""
    if text == one.name and not namesakes:
        return False
    meant = {hit.thing.iri for hit in index.named(folding.word(one.name), limit=20)}
    others = {hit.thing.iri for hit in index.named(folding.word(text), limit=20)}
    if namesakes:
        return 1 < len(meant) < 20
    alone = mess in ("traditional characters", "pinyin")
    return len(meant) == 1 and (others == meant if alone else not others)


def balanced(things: Iterable[Named]) -> list[Named]:
    """Return things such that their kinds take turns: most of a gazetteer are communities."""
    queues: dict[str, list[Named]] = defaultdict(list)
    for one in things:
        queues[one.kind].append(one)
    turns = [(at, kind, one) for kind, queue in queues.items() for at, one in enumerate(queue)]
    return [one for _, _, one in sorted(turns, key=lambda turn: turn[:2])]


def named(release: Release) -> list[Named]:
    """Return the things that messy names are made of, each once, under names of three characters and more."""
    with LocalEngine.open(ensure_store(release)) as engine:
        names, wholes, within = (asked(engine, query) for query in ("names", "wholes", "within"))
    gone = {one["whole"] for one in wholes if one["former"] == "true"}
    now = {one["part"]: one["name"] for one in sorted(wholes, key=str) if one["whole"] not in gone}
    before = {one["part"]: one["name"] for one in sorted(wholes, key=str) if one["former"] == "true"}
    inside = {one["part"]: before[one["whole"]] for one in within if one["whole"] in before}
    found: dict[str, Named] = {}
    for one in sorted(names, key=str):
        iri, name = one["thing"], one["name"]
        if len(name) > 2:
            id, kind = iri.removeprefix(release.base), one["kind"].removeprefix(release.base)
            former = before.get(iri) or inside.get(iri, "")
            found.setdefault(id, Named(id, kind, name, now.get(iri, ""), former))
    return list(found.values())


def asked(engine: LocalEngine, name: str) -> list[dict[str, str]]:
    """Return the rows of a query as texts."""
    rows = engine.query((ROOT / "queries" / f"{name}.rq").read_text("utf-8")).dicts()
    return [{key: term.value for key, term in row.items() if not isinstance(term, ox.Triple)} for row in rows]


if __name__ == "__main__":
    main()
