"""BNODE with an argument, whose blank nodes differ from solution to solution (SPARQL 1.1 §17.4.2.9)."""

from __future__ import annotations

from kg.sparql.reading.calls import calls, expressions
from kg.sparql.reading.syntax import Node
from kg.sparql.rewriting.edits import CantRewrite, Writing


def check_labels(writing: Writing, query: Node) -> None:
    """Raise CantRewrite where BNODE has an argument: the engine gives one node for all solutions."""
    for expression in expressions(query):
        for call in calls(expression.tokens):
            if call.word == "BNODE" and any(call.arguments) and writing.meet("bnode-label"):
                raise CantRewrite(
                    "BNODE with an argument", "use BNODE(), or make an IRI with IRI(CONCAT(...))"
                )
