"""Add what the ontology's rules entail, by the order of their names; each sees what earlier ones added."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox

from kg.engine.door import Admitted, Policy, admit
from kg.engine.local import run
from kg.engine.quirks import of
from kg.errors import DataError, Fault, QueryError, QuerySyntaxError
from kg.languages import ORIGINAL
from kg.machine.memory import key_of
from kg.machine.progress import Progress
from kg.make.adding.lacking import states_what_lacks
from kg.make.incremental.dependencies import reads
from kg.make.loading.files import query_files
from kg.make.loading.load import Loaded
from kg.sparql.rewriting.path_starts import each_once

_DECLARED = re.compile(r"\bPREFIX\s+([^\s:]*):", re.IGNORECASE)
_ABOUT = re.compile(r"about@([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)\s*:\s*(.+)")
_GRAPHS = re.compile(r"GRAPH|FROM", re.IGNORECASE)
"""What stands in a query that reads graphs by themselves, and in some comments."""
_HEAD = re.compile(r"\A(?:\s*#[^\n]*\n|\s*\n)*")


def infer(loaded: Loaded, ontology: Path, progress: Progress) -> None:
    """Run every rule, or recall what it gave. Raises DataError when one isn't a CONSTRUCT."""
    rules = query_files(ontology, "rules")
    with progress.step("infer", len(rules), "rule") as tick:
        for rule in rules:
            run_rule(loaded, rule)
            tick(1)


def run_rule(loaded: Loaded, rule: Path) -> None:
    """Run one rule over the merge and put what is new into its graph."""
    text = rule.read_text(encoding="utf-8-sig")
    graph = loaded.config.graph(rule_graph(rule.stem, text))
    loaded.notes[graph] = about(text)
    name, key = f"rule/{rule.stem}", key_of(text)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answer.nt"
        kept = loaded.last.recall(name, key, graph)
        if kept is not None:
            path.write_bytes(kept)
        else:
            admitted = admitted_file(loaded, rule, text)
            if _may_read_graphs(admitted):
                loaded.settle()
            answer = ask(loaded, rule, admitted)
            if not isinstance(answer, ox.QueryTriples):
                raise DataError("a rule can't run", (Fault("a rule is a CONSTRUCT query", rule),))
            answer.serialize(str(path), ox.RdfFormat.N_TRIPLES)
            if loaded.last:
                loaded.last.stated(name, key, graph, reads(admitted), path.read_bytes())
        loaded.add_lines(graph, path, lacking=states_what_lacks(text))


def _may_read_graphs(admitted: Admitted) -> bool:
    """Say whether a query may read more than the merge."""
    if not _GRAPHS.search(admitted.text):
        return False
    read = reads(admitted)
    return read is None or any(one.named for one in read)


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


def admitted_file(loaded: Loaded, file: Path, text: str) -> Admitted:
    """Let a query file through the door that every query goes through; prefixes may be left undeclared.

    So what the engine answers wrongly is written anew: a rule or a check can't be wrong in silence. Raises
    DataError with file, line and column when it isn't SPARQL, and when it can't be answered rightly.
    """
    prologue = _prologue(text, loaded.config.prefixes)
    with _placed(file, prologue):
        return admit(prologue + text, Policy(quirks=of()))


def ask(loaded: Loaded, file: Path, admitted: Admitted | None = None) -> object:
    """Run a query file over the merge. Raises DataError as `admitted_file` does."""
    text = file.read_text(encoding="utf-8-sig")
    admitted = admitted or admitted_file(loaded, file, text)
    order, anew = admitted.order, each_once(admitted.order.sparql)
    if anew != order.sparql:
        # For the engine alone: a rule stays as it is read, and as what it made is traced.
        order = replace(order, sparql=anew, parsed=order.parsed or order.sparql)
    with _placed(file, admitted.text.removesuffix(text)):
        return run(loaded.store, order, dataset=None, base_iri=None)


@contextmanager
def _placed(file: Path, prologue: str) -> Iterator[None]:
    """Turn what is wrong with a query into a fault with its place in the file."""
    try:
        yield
        return
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
