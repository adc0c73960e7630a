"""The data's own questions, each with the sources of its answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg import resources
from kg.engine.local import LocalEngine
from kg.release import Release
from kg.release.store import ensure_store
from kg.tracing.answer import answer
from kg.tracing.origins import Origins, upward

QUESTIONS = sorted((resources.ontology_dir() / "questions").glob("*.rq"))


@pytest.fixture(scope="module")
def origins(release: Release) -> Origins:
    return Origins(LocalEngine.open(ensure_store(release)).store, upward(release))


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_each_question_is_answered_with_its_sources(path: Path, origins: Origins, release: Release) -> None:
    text = path.read_text(encoding="utf-8")
    found = answer(origins.store, text, origins, base_iri=release.base)
    assert found.reason is None
    assert found.state == "whole"
    assert all(row.ways and row.statements for row in found.rows)
    assert all(statement.graphs for statement in found.statements)
