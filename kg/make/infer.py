"""Add what the ontology's rules entail, by the order of their names; each sees what earlier ones added."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pyoxigraph as ox

from kg.engine.door import Policy, admit
from kg.engine.local import run
from kg.engine.quirks import of
from kg.errors import DataError, Fault, QueryError, QuerySyntaxError
from kg.languages import ORIGINAL
from kg.make.files import query_files
from kg.make.load import Loaded
from kg.progress import Progress

_DECLARED = re.compile(r"\bPREFIX\s+([^\s:]*):", re.IGNORECASE)
_ABOUT = re.compile(r"about@([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)\s*:\s*(.+)")
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
    loaded.notes[graph] = about(text)
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


def about(text: str) -> dict[str, str]:
    """Return what a rule does, by language: its comment's plain lines, and ``about@<language>:``."""
    plain, others = [], {}
    for line in head_lines(text):
        if match := _ABOUT.fullmatch(line):
            others[match[1].lower()] = match[2]
        elif not line.startswith("basis:"):
            plain.append(line)
    return ({ORIGINAL: " ".join(plain)} if plain else {}) | others


def rule_graph(name: str, text: str) -> str:
    """Return the name of the graph that a rule writes to."""
    derived = "basis: derived" in head_lines(text)
    return f"{'derived' if derived else 'inferred'}/{name}"


def ask(loaded: Loaded, file: Path) -> object:
    """Run a query file over the merge, through the door that every query goes through.

    So what the engine answers wrongly is written anew: a rule or a check can't be wrong in silence. Raises
    DataError with file, line and column when it isn't SPARQL, and when it can't be answered rightly.
    """
    text = file.read_text(encoding="utf-8-sig")
    prologue = _prologue(text, loaded.config.prefixes)
    try:
        order = admit(prologue + text, Policy(quirks=of())).order
        return run(loaded.store, order, dataset=None, base_iri=None)
    except QuerySyntaxError as error:
        # The prologue stands on the first line, so only there a column is moved.
        column = error.column - len(prologue) if error.column and error.line == 1 else error.column
        fault = Fault(error.message, file, error.line, column, hint=error.hint)
    except QueryError as error:
        fault = Fault(error.message, file, hint=error.hint)
    raise DataError("a query can't run", (fault,))


def _prologue(text: str, prefixes: Mapping[str, str]) -> str:
    """Return declarations, on one line, of the prefixes that a query uses without declaring them."""
    declared = set(_DECLARED.findall(text))
    wanted = (name for name in prefixes if f"{name}:" in text and name not in declared)
    return "".join(f"PREFIX {name}: <{prefixes[name]}> " for name in wanted)
