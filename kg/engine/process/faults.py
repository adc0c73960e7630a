"""Errors of a query process, written as headers of frames; `kg.engine.pool.outcomes` reads them back."""

from __future__ import annotations

from typing import Any

from kg.errors import (
    EndpointError,
    EngineBusy,
    QueryError,
    QueryLimit,
    QueryRefused,
    QuerySyntaxError,
    ServiceFailed,
    StorageError,
    UnknownFunction,
    UsageError,
)


def fault(error: QueryError | StorageError | UsageError) -> dict[str, Any]:
    """Return the header (fit for JSON) that carries an error to the pool."""
    told: dict[str, Any] = {"error": "engine", "message": error.message, "hint": error.hint}
    match error:
        case QuerySyntaxError():
            told |= {"error": "syntax", "line": error.line, "column": error.column}
        case UnknownFunction():
            told |= {"error": "function", "message": error.iri}
        case ServiceFailed():
            told["error"] = "service"
        case QueryRefused():
            told |= {"error": "refused", "limit": error.limit}
        case QueryLimit():
            told |= {"error": "limit", "limit": error.limit}
        case EngineBusy():
            told |= {"error": "busy", "retry_after": error.retry_after}
        case EndpointError():
            told["error"] = "endpoint"
        case StorageError():
            told["error"] = "storage"
        case UsageError():
            told["error"] = "format"
    return told
