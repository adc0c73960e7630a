"""Count the founding article's numerals again, where its text is at hand: it isn't ours to publish.

    python -m tests.figures.recount FOLDER

Exits with 1 and the difference when tests/figures/numerals.csv and the text don't agree.
"""

import csv
import re
import sys
from pathlib import Path

TEXT = "hangzhou-2021-best-cases.zh-Hant.txt"
NUMERAL = re.compile(r"[0-9]+(?:\.[0-9]+)?|[一二三四五六七八九十百千萬兩雙]+")


def counted(text: str) -> set[tuple[str, str, str, str]]:
    """Return each numeral of a text with its paragraph, start and end."""
    found = set()
    for line in text.splitlines():
        if match := re.match(r"\[(p\d\d)\] (.*)", line):
            found |= {(match[1], str(m.start()), str(m.end()), m[0]) for m in NUMERAL.finditer(match[2])}
    return found


def main() -> int:
    with (Path(__file__).parent / "numerals.csv").open(encoding="utf-8", newline="") as stream:
        listed = {(r["paragraph"], r["start"], r["end"], r["numeral"]) for r in csv.DictReader(stream)}
    difference = listed ^ counted((Path(sys.argv[1]) / TEXT).read_text(encoding="utf-8"))
    for entry in sorted(difference):
        print(*entry, file=sys.stderr)
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main())
