"""Checks: queries over the merge of which each row is a fault."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path

import pyoxigraph as ox

from kg.errors import DataError, Fault
from kg.machine.memory import key_of
from kg.machine.progress import Tick
from kg.make.adding.infer import admitted_file, ask
from kg.make.incremental.dependencies import reads
from kg.make.loading.faults import MOST
from kg.make.loading.files import query_files
from kg.make.loading.load import Loaded
from kg.make.places import find_statement, shortened, text_of
from kg.terms import Prefixes

CHECKS = Path(__file__).parent / "checks"
"""Checks that hold for any dataset."""

_UNFINISHED = CHECKS / "unfilled.rq"
"""The check that looks through all texts: only where one may be such as it finds."""


def checks_of(loaded: Loaded, ontology: Path) -> list[Path]:
    """Return the checks that may find anything: those of any dataset, and the ontology's own."""
    own = (check for check in sorted(CHECKS.glob("*.rq")) if loaded.unfinished or check != _UNFINISHED)
    return [*own, *query_files(ontology, "checks")]


def answers(
    loaded: Loaded, checks: Sequence[Path], tick: Tick, meanwhile: Iterable[Callable[[], object]]
) -> list[tuple[Path, list[dict[str, object]]]]:
    """Ask all checks, two at a time: the engine lets others run. What is raised is the first one's fault."""
    found = []
    with ThreadPoolExecutor(2) as pool:
        asked = pool.map(partial(_rows, loaded), checks)
        others = [pool.submit(work) for work in meanwhile]
        for check, rows in zip(checks, asked, strict=True):
            found.append((check, rows))
            tick(1)
        for other in others:
            other.result()
    return found


def _rows(loaded: Loaded, check: Path) -> list[dict[str, object]]:
    """Return the rows of a check: ?focus ?message, and where given ?path ?value ?graph ?hint ?severity."""
    text = check.read_text(encoding="utf-8-sig")
    name, key = f"check/{check.parent}/{check.name}", key_of(text)
    if loaded.last.recall(name, key) is not None:
        return []
    admitted = admitted_file(loaded, check, text)
    answer = ask(loaded, check, admitted)
    if not isinstance(answer, ox.QuerySolutions) or "message" not in {v.value for v in answer.variables}:
        raise DataError("a check can't run", (Fault("a check is a SELECT of ?focus and ?message", check),))
    names = [variable.value for variable in answer.variables]
    rows = [dict(zip(names, row, strict=True)) for row in islice(answer, MOST + 1)]
    if loaded.last and not rows:
        loaded.last.keep(name, key, reads(admitted))
    return rows


def faults_of(loaded: Loaded, check: Path, rows: Iterable[dict[str, object]]) -> Iterator[Fault]:
    """Yield a fault for each row of a check."""
    short = Prefixes(loaded.config.prefixes)
    for terms in rows:
        path = terms.get("path")
        predicate = path.value if isinstance(path, ox.NamedNode) else None
        file, line, column = find_statement(loaded, terms.get("focus"), predicate, terms.get("value"))
        yield Fault(
            shortened(text_of(terms["message"]), short),
            file,
            line,
            column,
            focus=text_of(terms.get("focus")) or None,
            path=shortened(f"<{predicate}>", short) if predicate else None,
            hint=shortened(text_of(terms.get("hint")), short) or f"see {check.name}",
            severity=text_of(terms.get("severity")) or "error",
        )
