"""The SPARQL 1.1 Protocol without a web framework: a `Request` in, a `Response` out.

The ASGI front (`kg_web.server.http.front`) serves it directly, and Flask (`kg_web.views.queries.sparql`) for
tests and trusted use.
"""

from kg_web.protocol.message import Request, Response

__all__ = ["Request", "Response"]
