"""GROUP_CONCAT, which gives text without a language (SPARQL 1.1 §18.5.1.7)."""

from __future__ import annotations

from kg.sparql.reading.calls import calls, end_of, expressions
from kg.sparql.reading.syntax import Node
from kg.sparql.rewriting.edits import Edit, Writing


def edit(writing: Writing, query: Node) -> None:
    """Note the edits that put each GROUP_CONCAT into STR: the engine keeps a language shared by all."""
    for expression in expressions(query):
        for call in calls(expression.tokens):
            if call.word == "GROUP_CONCAT" and writing.meet("group-concat"):
                start, end = call.name.start, end_of(expression.tokens[call.last])
                writing.edits += [Edit(start, start, "STR("), Edit(end, end, ")")]
