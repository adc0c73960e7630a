"""Reading a peer's reply: its media type and bytes become the same terms as the embedded engine's.

One that can't be parsed to its end is an error, never data.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyoxigraph as ox

from kg.engine.base import Result
from kg.engine.local import as_result
from kg.engine.peers import as_standard
from kg.errors import EndpointError, EngineError


def read(form: str, headers: Mapping[str, str], body: bytes) -> Result:
    """Parse a reply. Raises EndpointError for anything but a whole answer of the query's kind."""
    media = (headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    try:
        result = _parse(form, media, body)
    except EndpointError:
        raise
    except (EngineError, SyntaxError, ValueError, OSError) as error:
        raise EndpointError(f"the endpoint's answer is broken: {error}") from None
    result = as_standard(form, result, body)
    expected = {"SELECT": "select", "ASK": "ask", "CONSTRUCT": "graph", "DESCRIBE": "graph"}.get(
        form, result.kind
    )
    if result.kind != expected:
        raise EndpointError(f"the endpoint answered a {form} query with something else ({result.kind})")
    return result


def _parse(form: str, media: str, body: bytes) -> Result:
    if form in ("CONSTRUCT", "DESCRIBE"):
        rdf = ox.RdfFormat.from_media_type(media)
        if rdf is None:
            raise EndpointError(
                f"the endpoint answered with {media or 'no media type'}, which is no RDF that is read here"
            )
        if rdf == ox.RdfFormat.RDF_XML and b"<!DOCTYPE" in body:
            raise EndpointError("the endpoint answered with a DOCTYPE, which is not read here")
        quads = ox.parse(body, format=rdf)
        return Result("graph", triples=list(dict.fromkeys(quad.triple for quad in quads)))
    rows = ox.QueryResultsFormat.from_media_type(media)
    if rows is None or rows == ox.QueryResultsFormat.CSV:
        raise EndpointError(f"the endpoint answered with {media or 'no media type'}, not with SPARQL results")
    return as_result(ox.parse_query_results(body, rows))
