"""Rewrite the expected rows of the competency questions; ``git diff tests/questions`` shows what changed.

Run ``python -m tests.questions.regenerate [--release DIR] [ID ...]``; without a release, one is built of the
default data. A row is right only when somebody has held it against the sources; this saves the typing alone.
"""

from __future__ import annotations

import argparse
import csv
import io
import tempfile
from pathlib import Path

from kg import resources
from kg.engine import Result
from kg.engine.local import LocalEngine
from kg.make import build
from kg.release import Release, open_release
from kg.release.store import ensure_store

EXPECTED = Path(__file__).parent
Rows = list[tuple[str, ...]]


def questions(ontology: Path | None = None) -> list[Path]:
    """Return the files of the questions, by name."""
    return sorted(((ontology or resources.ontology_dir()) / "questions").glob("*.rq"))


def answer(engine: LocalEngine, question: Path) -> tuple[tuple[str, ...], Rows]:
    """Return the variables and the rows of a question, each term as SPARQL's CSV writes it."""
    return told(engine.query(question.read_text(encoding="utf-8")))


def told(result: Result) -> tuple[tuple[str, ...], Rows]:
    """Return the variables and the rows of an answer, each term as SPARQL's CSV writes it."""
    return result.variables, [
        tuple("" if t is None else str(getattr(t, "value", t)) for t in row) for row in result.rows
    ]


def open_engine(release: Release) -> LocalEngine:
    return LocalEngine.open(ensure_store(release))


def read(name: str) -> tuple[tuple[str, ...], Rows]:
    """Return the expected variables and rows."""
    with (EXPECTED / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        first, *rest = csv.reader(stream)
    # A row of one unbound variable is an empty line, which the reader passes on as no fields.
    return tuple(first), [tuple(row) if row else ("",) for row in rest]


def written(variables: tuple[str, ...], rows: Rows) -> str:
    """Return what stands in the file."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([variables, *rows])
    return out.getvalue()


def regenerate(release: Release, names: set[str]) -> list[str]:
    """Rewrite the files of the questions named, or of all; remove those of none. Returns what changed."""
    changed = []
    asked = questions()
    with open_engine(release) as engine:
        for question in asked:
            if names and question.stem not in names:
                continue
            path, text = EXPECTED / f"{question.stem}.csv", written(*answer(engine, question))
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8", newline="\n")
                changed.append(question.stem)
    for path in EXPECTED.glob("*.csv"):
        if not names and path.stem not in {question.stem for question in asked}:
            path.unlink()
            changed.append(path.stem)
    return sorted(changed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--release", type=Path, help="the folder of a release; default: build one")
    parser.add_argument("id", nargs="*", help="questions by name; default: all")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        release = (
            open_release(given.release)
            if given.release
            else build(resources.ontology_dir(), resources.data_dir(), Path(folder))
        )
        for name in regenerate(release, set(given.id)):
            print(f"tests/questions/{name}.csv")


if __name__ == "__main__":
    main()
