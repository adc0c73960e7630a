"""Links within the files' own namespace that lead nowhere."""

from __future__ import annotations

from pathlib import Path

from kg.search.statements import by_subject, graph_and_object


def dangles(path: Path, base: str) -> bool:
    """Say whether something below a base is used in sorted lines, but not described."""
    start = f"<{base}".encode()
    described: set[bytes] = set()
    used: set[bytes] = set()
    for subject, said in by_subject(path):
        if subject.startswith(start):
            described.add(subject)
        for predicate, rest in said:
            if predicate.startswith(start):
                used.add(predicate)
            value = graph_and_object(rest)[1]
            if value.startswith(start):
                used.add(value)
    return not used <= described
