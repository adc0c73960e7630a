"""Reading what clients of reconciliation send; what can't be read is refused with the reason.

An id is the path of an IRI under the dataset's base, or the whole IRI of what lies elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from math import isfinite
from typing import Any, NoReturn, get_args

from flask import abort, request
from flask_babel import gettext as _

from kg.explore import Explorer
from kg.reconcile import Hint, Strictness, Wanted
from kg_web.context import publication
from kg_web.views.things.browse import expand

TYPES, HINTS, VALUES = 20, 10, 20
"""Types and properties that one name may have as hints, and values of one property."""
MOST = 50
"""Candidates and suggestions that are given."""
LONGEST = 400
"""Characters of a name, and of a hint's value."""
MEMBERS = ("query", "type", "type_strict", "limit", "properties")
"""What a query may have (API 0.2)."""


def wanted(explorer: Explorer, key: str, one: Any) -> Wanted:
    """Return a query of a batch, of which ``key`` is the name; 400 where it can't be read."""
    if not isinstance(one, dict):
        _refuse(key, _("a query is an object."))
    if unknown := [str(name)[:40] for name in one if name not in MEMBERS]:
        _refuse(
            key, _("a query has %(members)s, but no %(name)s.", members=", ".join(MEMBERS), name=unknown[0])
        )
    name, given = one.get("query", ""), one.get("properties") or []
    if not isinstance(name, str):
        _refuse(key, _("query is a text."))
    _bounded(key, name)
    if not isinstance(given, list) or len(given) > HINTS:
        _refuse(key, _("properties is a list of at most %(most)s.", most=HINTS))
    if "query" not in one and not given:
        _refuse(key, _("there is neither a query nor a property to find anything by."))
    hints = [_hint(explorer, key, each) for each in given]
    strict = one.get("type_strict", "any")
    if strict not in get_args(Strictness):
        _refuse(key, _("type_strict is any, all or should."))
    told = tuple(hint for hint in hints if hint.values)
    return Wanted(name, _classes(explorer, key, one.get("type")), told, _limit(key, one), strict)


def _classes(explorer: Explorer, key: str, given: Any) -> tuple[str, ...]:
    listed = given if isinstance(given, list) else [given] if given else []
    if len(listed) > TYPES:
        _refuse(key, _("type is one type or a list of at most %(most)s.", most=TYPES))
    return tuple(class_of(explorer, text_of(each, "id")) for each in listed)


def _limit(key: str, one: Mapping[str, Any]) -> int:
    limit = one.get("limit", 5)
    # JSON doesn't distinguish integers: 5.0 is 5.
    if isinstance(limit, bool) or not isinstance(limit, int | float) or limit != limit // 1 or limit < 1:
        _refuse(key, _("limit is a whole number above 0."))
    return int(min(limit, MOST))


def _hint(explorer: Explorer, key: str, given: Any) -> Hint:
    pid = given.get("pid") if isinstance(given, dict) else None
    if not isinstance(pid, str) or "v" not in given:
        _refuse(key, _("a property has a pid and a value v."))
    listed = given["v"] if isinstance(given["v"], list) else [given["v"]]
    if len(listed) > VALUES:
        _refuse(key, _("a property has at most %(most)s values.", most=VALUES))
    texts = [_value(key, each) for each in listed]
    return Hint(property_of(explorer, pid), tuple(text for text in texts if text.strip()))


def _value(key: str, given: Any) -> str:
    """Return a hint's value as text; a thing's as its IRI."""
    if isinstance(given, dict) and isinstance(given.get("id"), str):
        text = iri_of(given["id"])
    elif isinstance(given, bool):
        text = "true" if given else "false"
    elif isinstance(given, str) or (isinstance(given, int | float) and isfinite(given)):
        text = str(given)
    else:
        _refuse(key, _("a value is a text, a number, true or false, or an object with an id."))
    _bounded(key, text)
    return text


def _bounded(key: str, text: str) -> None:
    if len(text) > LONGEST:
        told = _(
            "a name or value has at most %(most)s characters, this one has %(count)s.",
            most=LONGEST,
            count=len(text),
        )
        _refuse(key, told)


def _refuse(key: str, reason: str) -> NoReturn:
    abort(400, description=_("In %(query)s: %(reason)s", query=key[:40], reason=reason))


def class_of(explorer: Explorer, given: str) -> str:
    """Return a class by its id or short name; 400 where there is none."""
    unknown = _("No class goes by %(name)s: %(list)s lists them.", **_listed(given, "type"))
    return _term(explorer, explorer.schema.classes, given, unknown)


def property_of(explorer: Explorer, given: str) -> str:
    """Return a property by its id or short name; 400 where there is none."""
    unknown = _("No property goes by %(name)s: %(list)s lists them.", **_listed(given, "property"))
    return _term(explorer, explorer.schema.properties, given, unknown)


def _listed(given: str, kind: str) -> dict[str, str]:
    return {"name": repr(given[:80]), "list": f"/reconcile/suggest/{kind}"}


def _term(explorer: Explorer, terms: Container[str], given: str, unknown: str) -> str:
    found = next((iri for iri in (iri_of(given), expand(explorer, given)) if iri in terms), None)
    if found is None:
        abort(400, description=unknown)
    return found


def object_of(given: Any, name: str) -> Mapping[str, Any]:
    """Return a field that is an object, as it is or as JSON; 400 when it isn't."""
    try:
        found = json.loads(given) if isinstance(given, str) else given
    except (ValueError, RecursionError) as error:
        abort(400, description=_("%(field)s is no JSON: %(reason)s", field=name, reason=str(error)))
    if not isinstance(found, dict):
        abort(400, description=_("%(field)s is no JSON object.", field=name))
    return found


def text_of(given: Any, member: str) -> str:
    """Return a text, or that member of an object; 400 when there is none."""
    found = given.get(member) if isinstance(given, dict) else given
    if not isinstance(found, str) or not found:
        told = _("%(value)s is no text and has no %(member)s.", value=repr(str(given)[:80]), member=member)
        abort(400, description=told)
    return found


def id_of(iri: str) -> str:
    """Return an IRI's id."""
    base = publication().base
    return iri.removeprefix(base) if base and iri.startswith(base) and iri != base else iri


def iri_of(id: str) -> str:
    """Return the IRI of an id."""
    return id if ":" in id.partition("/")[0] else publication().base + id


def prefix() -> str:
    """Return what was typed; 400 where it is too long for a name."""
    text = request.args.get("prefix", "")
    if len(text) > LONGEST:
        told = _(
            "prefix has at most %(most)s characters, this one has %(count)s.", most=LONGEST, count=len(text)
        )
        abort(400, description=told)
    return text


def cursor() -> int:
    """Return how many suggestions are passed over; 400 where it is no number."""
    return _number("cursor", 0)


def limit() -> int:
    """Return how many suggestions are wanted, `MOST` at most; 400 where it is no number."""
    return min(_number("limit", 20), MOST)


def _number(name: str, default: int) -> int:
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        abort(400, description=_("%(name)s is a whole number from 0 up.", name=name))
    return int(text)
