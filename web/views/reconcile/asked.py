"""What clients of reconciliation send, read; what can't be is refused with the reason.

An id is the path of an IRI under the dataset's base, or the whole IRI of what lies elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from typing import Any

from flask import abort, request

from kg.explore import Explorer
from kg.reconcile import Hint, Wanted
from web.context import publication
from web.views.browse import expand

HINTS = 10
"""Properties that one name may have as hints."""
MOST = 50
"""Candidates and suggestions that are given."""
LONGEST = 400
"""Characters of a name."""


def wanted(explorer: Explorer, key: str, one: Any) -> Wanted:
    """Return a query of a batch, of which ``key`` is the name; 400 where it can't be read."""
    if not isinstance(one, dict):
        abort(400, description=f"The query {key[:40]} is no object.")
    name, limit, types = one.get("query", ""), one.get("limit", 5), one.get("type") or []
    given = one.get("properties") or []
    if not isinstance(name, str) or not isinstance(given, list) or len(given) > HINTS:
        abort(400, description=f"In {key[:40]}: query is a text, properties a list of at most {HINTS}.")
    if not isinstance(limit, int) or limit < 1:
        abort(400, description=f"In {key[:40]}: limit is a number above 0.")
    listed = types if isinstance(types, list) else [types]
    classes = tuple(class_of(explorer, text_of(each, "id")) for each in listed[:20])
    hints = tuple(_hint(explorer, key, each) for each in given)
    return Wanted(name[:LONGEST], classes, hints, min(limit, MOST))


def _hint(explorer: Explorer, key: str, given: Any) -> Hint:
    pid = given.get("pid") if isinstance(given, dict) else None
    if not isinstance(pid, str):
        abort(400, description=f"In {key[:40]}: a property has a pid and a value v.")
    values = given.get("v", [])
    listed = values if isinstance(values, list) else [values]
    texts = [iri_of(each["id"]) if isinstance(each, dict) and "id" in each else each for each in listed]
    return Hint(property_of(explorer, pid), tuple(str(each)[:LONGEST] for each in texts[:20]))


def class_of(explorer: Explorer, given: str) -> str:
    """Return a class by its id or short name; 400 where there is none."""
    return _term(explorer, explorer.schema.classes, given, "class", "type")


def property_of(explorer: Explorer, given: str) -> str:
    """Return a property by its id or short name; 400 where there is none."""
    return _term(explorer, explorer.schema.properties, given, "property", "property")


def _term(explorer: Explorer, terms: Container[str], given: str, what: str, suggested: str) -> str:
    found = next((iri for iri in (iri_of(given), expand(explorer, given)) if iri in terms), None)
    if found is None:
        listed = f"/reconcile/suggest/{suggested} lists them"
        abort(400, description=f"No {what} goes by {given[:80]!r}: {listed}.")
    return found


def object_of(given: Any, name: str) -> Mapping[str, Any]:
    """Return a field that is an object, as it is or as JSON; 400 when it isn't."""
    try:
        found = json.loads(given) if isinstance(given, str) else given
    except (ValueError, RecursionError) as error:
        abort(400, description=f"{name} is no JSON: {error}")
    if not isinstance(found, dict):
        abort(400, description=f"{name} is no JSON object.")
    return found


def text_of(given: Any, member: str) -> str:
    """Return a text, or that member of an object; 400 when there is none."""
    found = given.get(member) if isinstance(given, dict) else given
    if not isinstance(found, str) or not found:
        abort(400, description=f"{str(given)[:80]!r} is no text and has no {member}.")
    return found


def id_of(iri: str) -> str:
    """Return an IRI's id."""
    base = publication().base
    return iri.removeprefix(base) if base and iri.startswith(base) and iri != base else iri


def iri_of(id: str) -> str:
    """Return the IRI of an id."""
    return id if ":" in id.partition("/")[0] else publication().base + id


def prefix() -> str:
    """Return what was typed."""
    return request.args.get("prefix", "")[:LONGEST]


def cursor() -> int:
    """Return how many suggestions are passed over."""
    text = request.args.get("cursor", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def limit() -> int:
    """Return how many suggestions are wanted."""
    text = request.args.get("limit", "20")
    return min(int(text), MOST) if text.isascii() and text.isdigit() and len(text) < 5 else 20
