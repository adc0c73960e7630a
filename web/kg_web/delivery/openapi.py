"""The description of the resources that programs ask for (OpenAPI 3.1), made from the table of all resources.

Addresses, methods, formats and bodies come from the table; what only people can write (summaries, parameters,
the shape of an answer) is in `openapi.json`, by address. An address that isn't there is described by the
table alone.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from kg.languages import languages
from kg_web.delivery.resources import TABLE, Resource
from kg_web.protocol.problem import PROBLEM_JSON

_WORDS = Path(__file__).parent / "openapi.json"
_PLACE = re.compile(r"<(?:(\w+):)?(\w+)>")
_KINDS = {"int": {"type": "integer", "minimum": 0}}
_VERBS = ("GET", "POST")


def is_json(media_type: str) -> bool:
    """Say whether a media type is JSON, or built on it (RFC 6839 §3.1)."""
    return media_type == "application/json" or media_type.endswith("+json")


def described() -> tuple[Resource, ...]:
    """Return the resources that answer with JSON, in the table's order."""
    return tuple(one for one in TABLE if any(map(is_json, one.formats)))


def path_of(address: str) -> str:
    """Return a route's address as OpenAPI writes it: ``<path:name>`` becomes ``{name}``."""
    return _PLACE.sub(r"{\2}", address)


def openapi(*, title: str, version: str, server: str, license: str = "") -> dict[str, Any]:
    """Return the description of a service: its title, the release's version, its public address."""
    words = _words()
    info: dict[str, Any] = {"title": title, "version": version or "0"}
    if license:
        info["license"] = {"name": license, "url": license}
    return {
        "openapi": "3.1.0",
        "info": info,
        "servers": [{"url": server}],
        "paths": {
            path_of(one.address): _item(one, words["paths"].get(one.address, {})) for one in described()
        },
        "components": {"schemas": words["components"]},
    }


@cache
def _words() -> dict[str, Any]:
    text = _WORDS.read_text(encoding="utf-8").replace("{languages}", ", ".join(languages()))
    found: dict[str, Any] = json.loads(text)
    return found


def _item(resource: Resource, words: dict[str, Any]) -> dict[str, Any]:
    item: dict[str, Any] = {}
    if places := [_place(*match.groups()) for match in _PLACE.finditer(resource.address)]:
        item["parameters"] = places
    for verb in _VERBS:
        if verb in resource.methods:
            item[verb.lower()] = _operation(resource, words, verb)
    return item


def _place(kind: str | None, name: str) -> dict[str, Any]:
    schema = _KINDS.get(kind or "", {"type": "string"})
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _operation(resource: Resource, words: dict[str, Any], verb: str) -> dict[str, Any]:
    name = re.sub(r"\W+", "-", path_of(resource.address)).strip("-") or "root"
    found: dict[str, Any] = {
        "operationId": f"{verb.lower()}-{name}",
        "summary": words.get("summary", path_of(resource.address)),
        "responses": {
            "200": {"description": "The answer, whole", "content": _content(resource, words)},
            "default": {
                "description": "What is wrong, and what mends it",
                "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        },
    }
    if verb == "GET" and (query := words.get("query")):
        found["parameters"] = [
            {"name": name, "in": "query", "description": said, "schema": {"type": "string"}}
            for name, said in query.items()
        ]
    if verb == "POST" and resource.size:
        found["requestBody"] = _body(words)
    return found


def _content(resource: Resource, words: dict[str, Any]) -> dict[str, Any]:
    """Return the media types of the answer; the shape belongs to the first that is JSON but not RDF."""
    shaped = next((one for one in resource.formats if is_json(one)), None)
    return {
        media: {"schema": words.get("schema", {}) if media == shaped else {}}
        for media in dict.fromkeys(resource.formats)
    }


def _body(words: dict[str, Any]) -> dict[str, Any]:
    if "body" in words:
        return {"required": True, "content": {"application/json": {"schema": words["body"]}}}
    if "query" not in words:
        return {"content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}}
    fields = {name: {"type": "string", "description": said} for name, said in words["query"].items()}
    form = {"type": "object", "properties": fields}
    return {"content": {"application/x-www-form-urlencoded": {"schema": form}}}
