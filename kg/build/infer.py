"""Add what the ontology's rules entail, by the order of their names; each sees what earlier ones added."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pyoxigraph as ox

from kg.build.files import query_files
from kg.build.load import Loaded
from kg.build.progress import Progress
from kg.errors import DataError, Fault

_PLACE = re.compile(r"error at (\d+):(\d+): ?(.*)", re.DOTALL)
_DECLARED = re.compile(r"\bPREFIX\s+([^\s:]*):", re.IGNORECASE)
_HEAD = re.compile(r"\A(?:\s*#[^\n]*\n|\s*\n)*")


def infer(loaded: Loaded, ontology: Path, progress: Progress) -> None:
    """Run every rule. Raises DataError when one isn't a CONSTRUCT query."""
    rules = query_files(ontology, "rules")
    with progress.step("infer", len(rules), "rule") as tick:
        for rule in rules:
            run_rule(loaded, rule)
            tick(1)


def run_rule(loaded: Loaded, rule: Path) -> int:
    """Run one rule over the merge and put what is new into its graph. Returns how many statements are new."""
    text = rule.read_text(encoding="utf-8-sig")
    answer = ask(loaded, rule)
    if not isinstance(answer, ox.QueryTriples):
        raise DataError("a rule can't run", (Fault("a rule is a CONSTRUCT query", rule),))
    graph = loaded.config.graph(rule_graph(rule.stem, text))
    about = " ".join(line for line in head_lines(text) if not line.startswith("basis:"))
    if about:
        loaded.notes[graph] = about
    return loaded.add_answer(graph, answer)


def sealed(ontology: Path, prefixes: Mapping[str, str]) -> dict[str, str]:
    """Return the rules as a release keeps them, by file: with the prefixes that they may leave undeclared."""
    found = {}
    for rule in query_files(ontology, "rules"):
        text = rule.read_text(encoding="utf-8-sig")
        declared = set(_DECLARED.findall(text))
        lines = "".join(f"PREFIX {p}: <{ns}>\n" for p, ns in sorted(prefixes.items()) if p not in declared)
        found[rule.name] = lines + text
    return found


def head_lines(text: str) -> list[str]:
    """Return the comment at the top of a query file, line by line, without its marks."""
    head = _HEAD.match(text)
    lines = (line.strip().lstrip("#").strip() for line in (head[0] if head else "").splitlines())
    return [line for line in lines if line]


def rule_graph(name: str, text: str) -> str:
    """Return the name of the graph that a rule writes to."""
    derived = "basis: derived" in head_lines(text)
    return f"{'derived' if derived else 'inferred'}/{name}"


def ask(loaded: Loaded, file: Path) -> object:
    """Run a query file over the merge. Raises DataError with file, line and column when it isn't SPARQL."""
    try:
        return loaded.store.query(file.read_text(encoding="utf-8-sig"), prefixes=dict(loaded.config.prefixes))
    except SyntaxError as error:
        place = _PLACE.search(str(error))
        line, column, message = place.groups() if place else (None, None, str(error))
        fault = Fault(message, file, int(line) if line else None, int(column) if column else None)
        raise DataError("a query can't run", (fault,)) from None
