"""The SPARQL 1.1 Protocol without a web framework: a `Request` in, a `Response` out.

The ASGI front (`web.server.front`) serves it directly, and Flask (`web.views.sparql`) for tests and trusted
use.
"""

from web.protocol.message import Request, Response

__all__ = ["Request", "Response"]
