"""The tools as an MCP server, through the protocol's own SDK (``pip install linli[mcp]``)."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import kg
from kg.agents.session import Session
from kg.agents.tools import Tools
from kg.errors import KgError, NotInstalled, QuerySyntaxError
from kg.export.about import about

if TYPE_CHECKING:
    from mcp.server import MCPServer

_READS = ("search", "read", "schema", "questions", "answer", "query")


def sdk() -> Any:
    """Return the protocol's SDK. Raises NotInstalled, with what installs it, when it isn't there."""
    try:
        import mcp.server.mcpserver.exceptions
    except ImportError:
        raise NotInstalled(
            "an MCP server needs mcp, which isn't installed", hint="pip install 'linli[mcp]'"
        ) from None
    return mcp


def make_server(session: Session) -> MCPServer[Any]:
    """Return a server with the tools of a session; run it with ``stdio`` or ``streamable-http``."""
    sdk()
    from mcp.server import MCPServer
    from mcp.types import ToolAnnotations

    one = about(session.release)
    server: MCPServer[Any] = MCPServer(
        one.title,
        version=kg.__version__,
        website_url=one.dataset or None,
        instructions=_instructions(one.title, one.description, one.citation, one.license),
        log_level="WARNING",
    )
    tools = Tools(session)
    for name in _READS:
        reads = ToolAnnotations(read_only_hint=True, open_world_hint=False)
        server.add_tool(_told(getattr(tools, name)), annotations=reads, structured_output=False)
    keeps = ToolAnnotations(
        read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )
    server.add_tool(_told(tools.cite), annotations=keeps, structured_output=False)
    return server


def _instructions(title: str, description: str, citation: str, license: str) -> str:
    lines = [
        f"{title}. {description}".strip(),
        "Every statement has a source: tell readers which passage of which document a fact rests on.",
        "First `schema`, then `search` for the IRIs of things, `read` for one thing, `query` for many;",
        "`questions` and `answer` have tested queries. An answer that isn't whole says so.",
        f"Cite as: {citation}",
        f"Licence: {license}" if license else "",
    ]
    return "\n".join(line for line in lines if line)


def _words(error: KgError) -> str:
    """Return what is wrong, where in the query, and what would mend it."""
    place = f"{error.line}:{error.column}: " if isinstance(error, QuerySyntaxError) and error.line else ""
    return f"{place}{error}"


def _told(tool: Callable[..., Any]) -> Callable[..., Any]:
    """Return a tool that gives what it finds as compact JSON and as structured content, errors as words."""
    from mcp.server.mcpserver.exceptions import ToolError
    from mcp.types import CallToolResult, TextContent

    @wraps(tool)
    def call(*given: Any, **named: Any) -> Any:
        try:
            found = tool(*given, **named)
        except KgError as error:
            raise ToolError(_words(error)) from error
        if isinstance(found, str):
            return CallToolResult(content=[TextContent(type="text", text=found)])
        text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
        return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=found)

    return call
