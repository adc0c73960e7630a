"""Hold the merge against the shapes and the checks; each fault says where it was stated."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import pyoxigraph as ox

from kg.errors import Fault
from kg.machine.memory import key_of
from kg.machine.progress import Progress
from kg.machine.turns import in_turns
from kg.make import shacl
from kg.make.asking import answers, checks_of, faults_of
from kg.make.incremental.doubtful import Doubtful
from kg.make.loading.faults import MOST, raise_faults
from kg.make.loading.load import Loaded
from kg.make.loading.locate import EXACT, locate_statement
from kg.make.places import files_of, find_statement, shortened, text_of
from kg.make.shapes import Shapes
from kg.terms import OWL, RDF, Prefixes

_MANY = 5_000
"""Nodes that take longer to look at than a process to copy."""
_MERGE = ox.DefaultGraph()
_DISJOINT = ox.NamedNode(OWL + "disjointWith")
_HINTS = {
    "minCount": "state it, or leave the thing out",
    "maxCount": "keep the right ones, or let a later graph replace the earlier (dcterms:isReplacedBy)",
    "class": "is the IRI right, and is the thing described with its class?",
    "datatype": "write it with that datatype",
    "uniqueLang": "keep one as the label; others are skos:altLabel",
    "in": "choose one of those",
}


def validate(
    loaded: Loaded,
    shapes: Shapes,
    ontology: Path,
    progress: Progress,
    *,
    meanwhile: Iterable[Callable[[], object]] = (),
) -> tuple[Fault, ...]:
    """Return the warnings. Raises DataError with every error, by file and line.

    ``meanwhile`` is work over what is loaded, for while the engine is busy; it keeps by itself what it gives.
    """
    checks = checks_of(loaded, ontology)
    with progress.step("validate", len(checks) + 1, "check") as tick:
        data = shacl.Data(loaded.store)
        held = shacl.read(shapes.store)
        doubtful = Doubtful(loaded.last, data, held, key_of(shapes.turtle))
        # Nearly all nodes are right: those that aren't are found first, and they alone are looked at.
        compiler, nodes = shacl.Compiler(data), doubtful.nodes

        def unfit(places: range) -> list[int]:
            return [places.start + at for at in shacl.unfit(compiler, nodes[places.start : places.stop])]

        loaded.settle()
        with in_turns(unfit, len(nodes), worth=len(nodes) > _MANY) as found_unfit:
            answered = answers(loaded, checks, tick, meanwhile)
            nowhere = _nowhere(loaded)
            suspects = doubtful.found(found_unfit())
        found = [*_shape_faults(loaded, data, suspects, nowhere), *_disjoint(loaded, data)]
        found += _dangling(loaded, nowhere)
        tick(1)
        for check, rows in answered:
            found += faults_of(loaded, check, rows)
    found = sorted(
        set(found),
        key=lambda f: (not f.file, str(f.file or ""), f.line or 0, f.focus or "", f.path or "", f.message),
    )
    raise_faults(found)
    return tuple(found)


def _shape_faults(
    loaded: Loaded,
    data: shacl.Data,
    nodes: Sequence[shacl.Aimed],
    nowhere: Sequence[ox.NamedNode],
) -> Iterator[Fault]:
    """Yield what breaks a shape. What nothing describes lacks everything: `_dangling` says so once."""
    short = Prefixes(loaded.config.prefixes)
    violations = (
        v
        for v in shacl.hold(data, nodes)
        if v.focus not in nowhere and not (v.component == "class" and v.value in nowhere)
    )
    for count, violation in enumerate(violations):
        if count > MOST:
            return
        predicate = (
            violation.path.predicate if violation.path and violation.path.kind == "predicate" else None
        )
        file, line, column = find_statement(loaded, violation.focus, predicate, violation.value)
        yield Fault(
            shortened(violation.message, short),
            file,
            line,
            column,
            focus=text_of(violation.focus),
            path=shortened(str(violation.path), short) if violation.path else None,
            hint=violation.shape.description
            or _HINTS.get(violation.component)
            or _see(violation.shape, short),
            severity=violation.severity,
        )


def _see(shape: shacl.Shape, short: Prefixes) -> str:
    """Lead to the shape, for want of something better: what it asks stands there."""
    if isinstance(shape.node, ox.NamedNode):
        return f"see {shortened(str(shape.node), short)} in the shapes"
    return "see what the shapes ask of this property"


def _disjoint(loaded: Loaded, data: shacl.Data) -> Iterator[Fault]:
    """Yield a fault for each thing that is of two classes which exclude each other."""
    short = Prefixes(loaded.config.prefixes)
    for one, other in sorted(data.having(_DISJOINT), key=str):
        for focus in islice(sorted(data.instances(one) & data.instances(other), key=str), MOST):
            stated = sorted({shortened(str(quad.object), short) for quad in _stated_types(loaded, focus)})
            file, line, column = find_statement(loaded, focus, RDF + "type", other)
            yield Fault(
                f"it is of classes that exclude each other: {', '.join(stated)}",
                file,
                line,
                column,
                focus=text_of(focus),
                path="rdf:type",
                hint=f"mend the class in one of {', '.join(_places(loaded, focus))}, "
                "or give the two things an IRI each",
            )


def _stated_types(loaded: Loaded, focus: shacl.Term) -> list[ox.Quad]:
    quads = loaded.store.quads_for_pattern(focus, ox.NamedNode(RDF + "type"), None, None)  # type: ignore[arg-type]
    return [quad for quad in quads if text_of(quad.graph_name) in loaded.files]


def _places(loaded: Loaded, focus: shacl.Term) -> list[str]:
    """Return where classes of a thing are stated: files with lines, or without where a file is too large."""
    found = {}
    for quad in _stated_types(loaded, focus):
        for file in files_of(loaded, [quad]):
            near = locate_statement(file, text_of(focus), RDF + "type", quad.object)
            if near is None or near[0] == EXACT:
                found[file, near[1] if near else 0] = f"{file}:{near[1]}" if near else str(file)
    return [found[place] for place in sorted(found)]


def _nowhere(loaded: Loaded) -> list[ox.NamedNode]:
    """Return the dataset's own IRIs that are used, but not described."""
    base = loaded.config.base
    return [
        node
        for node in map(ox.NamedNode, sorted(loaded.mentioned))
        if not node.value.startswith((base + "graph/", base + "releases/"))
        and not _any(loaded, node, None, None)
    ]


def _dangling(loaded: Loaded, nowhere: Sequence[ox.NamedNode]) -> Iterator[Fault]:
    """Yield a fault for each IRI that is used, but not described: a slip, mostly."""
    known = _near(loaded, nowhere) if nowhere else {}
    for node in nowhere[:MOST]:
        use = _use(loaded, node)
        file, line, column = (
            find_statement(loaded, use.subject, use.predicate.value, node) if use else (None,) * 3
        )
        yield Fault(
            f"<{node.value}> is used, but nothing describes it",
            file,
            line,
            column,
            focus=text_of(use.subject) if use else None,
            path=shortened(str(use.predicate), Prefixes(loaded.config.prefixes)) if use else None,
            hint=f"is <{known[node.value]}> meant?"
            if node.value in known
            else "describe it, or mend the IRI",
        )


def _use(loaded: Loaded, node: ox.NamedNode) -> ox.Quad | None:
    """Return a statement that uses a node, one of a file rather than one that a rule added."""
    for predicate, value in ((None, node), (node, None)):
        found = list(islice(loaded.store.quads_for_pattern(None, predicate, value, None), MOST))
        stated = [quad for quad in found if text_of(quad.graph_name) in loaded.files]
        if found:
            return (stated or found)[0]
    return None


def _any(
    loaded: Loaded, s: ox.NamedNode | None, p: ox.NamedNode | None, o: ox.NamedNode | None
) -> ox.Quad | None:
    return next(iter(loaded.store.quads_for_pattern(s, p, o, None)), None)


def _near(loaded: Loaded, nodes: Sequence[ox.NamedNode]) -> dict[str, str]:
    """Return what each mistyped IRI is most like, among what lies in the same folder."""
    folders: dict[str, set[str]] = {node.value.rpartition("/")[0]: set() for node in nodes}
    for quad in loaded.store.quads_for_pattern(None, None, None, _MERGE):
        folder = text_of(quad.subject).rpartition("/")[0]
        if folder in folders:
            folders[folder].add(text_of(quad.subject))
    found = {}
    for node in nodes[:MOST]:
        near = difflib.get_close_matches(
            node.value, sorted(folders[node.value.rpartition("/")[0]]), n=1, cutoff=0.8
        )
        if near:
            found[node.value] = near[0]
    return found
