"""Conditions on things, put together from query parts: paths that a thing has, and what they may end in.

A part is a ``.rq`` file like any other; the body of its WHERE is repeated with numbered variables where a
query says ``# conditions``. No text of a stranger is put into a query but by `kg.sparql.bind`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from kg.explore.ontology.shapes import Step
from kg.sparql.bind import Bindable, bind, load

_PLACE = "  # conditions\n"
_CLASS = "  ?item a ?type .\n"
_CLASS_LAST = "  ?item a ?kind .\n  FILTER(?kind = ?type)\n"
_VARIABLE = re.compile(r"\?(from|step|to|span)\b")


@dataclass(frozen=True, slots=True)
class Condition:
    """A path from the thing and the values that it may end in; none when any will do.

    ``name`` is the variable of the end, where the query speaks of it. ``part`` says how choices bound the
    end: as its values, or as spans (``?span``) in which it lies. ``beyond`` is a part that leads on from the
    end of the path to what is chosen. ``absent``: the path must lead nowhere. Without a path everything
    matches.
    """

    path: tuple[Step, ...]
    choices: tuple[Bindable, ...] = ()
    name: str = ""
    part: str = "kg/explore/browsing/part-choice"
    beyond: str = ""
    absent: bool = False


def conditioned(sparql: str, conditions: Sequence[Condition]) -> str:
    """Return a query with its ``# conditions`` filled."""
    lines = "".join(_lines(condition, number) for number, condition in enumerate(conditions, 1))
    if any(condition.choices for condition in conditions):
        # A choice narrows more than a class does: the class is looked at last, or an engine reads all of it.
        sparql = sparql.replace(_CLASS, _CLASS_LAST)
    return sparql.replace(_PLACE, lines)


def united(sparql: str, parts: Sequence[str]) -> str:
    """Return a query with its ``# ways`` filled: the bodies of some queries, as a UNION."""
    bodies = (part[part.index("WHERE {") + 7 : part.rindex("}")] for part in parts)
    return sparql.replace("  # ways\n", "  UNION\n".join(f"  {{{body}  }}\n" for body in bodies))


def _lines(condition: Condition, number: int) -> str:
    end, span = condition.name or f"value{number}", f"span{number}"
    ends = [f"below{number}", end] if condition.beyond else [end]
    places = ["item", *(f"via{number}_{n}" for n in range(1, len(condition.path))), *ends]
    text = ""
    if condition.choices:
        chosen = span if "?span" in load(condition.part) else end
        part = _part(condition.part, {"to": f"?{end}", "span": f"?{span}"})
        text += bind(part, **_named(chosen, condition.choices))
    for at, step in enumerate(condition.path):
        names = {"from": f"?{places[at]}", "to": f"?{places[at + 1]}", "step": str(ox.NamedNode(step.iri))}
        text += _part(
            "kg/explore/browsing/part-backward" if step.inverse else "kg/explore/browsing/part-forward", names
        )
    if condition.beyond:
        text += _part(condition.beyond, {"from": f"?{ends[0]}", "to": f"?{end}"})
    return f"  FILTER NOT EXISTS {{\n{text}  }}\n" if condition.absent else text


def _part(part: str, names: Mapping[str, str]) -> str:
    """Return what stands between the braces of a part's WHERE, with its variables replaced."""
    text = load(part)
    body = text[text.index("{") + 2 : text.rindex("}")]
    return _VARIABLE.sub(lambda match: names[match[1]], body)


def _named(name: str, choices: Sequence[Bindable]) -> dict[str, Any]:
    return {name: choices}
