"""Every exception of the library, in one tree.

    KgError                      anything this library raises on purpose
    ├── UsageError               a command or a call has wrong arguments (exit code 2)
    │   ├── NotExpressible       the format asked for can't hold what it should
    │   └── NotInstalled         an optional package is missing here
    ├── SettingsError            a setting has an impossible value
    ├── SourceError              a source can't be fetched, verified or read
    ├── DataError                ontology or data are at fault; carries the faults found
    ├── ReleaseError             a release is missing, incomplete, altered or in conflict
    │   ├── ReleaseUnknown       there never was a release of that version
    │   └── ReleaseRemoved       it was removed, and its tombstone says why
    ├── CitationError            a citation can't be kept or read
    │   └── CitationsDamaged     the store of citations is damaged, or was altered
    ├── StorageError             a disk is full, a folder can't be written, no file can be opened
    ├── Busy                     another process holds a lock for too long; carries when to ask again
    └── QueryError               a query was not answered
        ├── QuerySyntaxError     it is not SPARQL; carries line and column
        ├── QueryRefused         it is SPARQL, but not allowed here (update, SERVICE, size ...)
        │   └── UnknownFunction  it calls a function that the engine doesn't have
        ├── QueryLimit           it exceeded a limit while it ran (time, memory, size of the result)
        ├── QueryStopped         its owner stopped it, or the client went away
        ├── EngineBusy           no worker was free in time
        │   └── ProcessLost      the query's process was killed or stopped from outside
        └── EngineError          the engine failed
            ├── EndpointError    a remote endpoint can't be reached, or answered with nonsense
            └── ServiceFailed    an endpoint that the query names behind SERVICE failed

Each message says what is wrong and, where it can, what would mend it (``hint``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class KgError(Exception):
    """Base of all errors raised on purpose.

    ``hint`` is one sentence on what would mend it, or None.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message


class UsageError(KgError):
    """A command or a call has wrong arguments."""


class NotExpressible(UsageError):
    """The requested format can't hold what should be written in it."""


class NotInstalled(UsageError):
    """What was asked for needs an optional package that isn't installed; the hint says which."""


class SettingsError(KgError):
    """A setting, flag or environment variable has a value it can't have."""


class SourceError(KgError):
    """A source can't be fetched, its checksum differs, or a row of it can't be read."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in the ontology or the data.

    ``file`` and ``line`` say where, as far as known; ``focus`` is the entity's IRI and ``path`` the
    property's; ``message`` says what is wrong and ``hint`` what would mend it.
    """

    message: str
    file: Path | None = None
    line: int | None = None
    column: int | None = None
    focus: str | None = None
    path: str | None = None
    hint: str | None = None
    severity: str = "error"

    def __str__(self) -> str:
        where = str(self.file) if self.file else ""
        if self.line is not None:
            where += f":{self.line}" + (f":{self.column}" if self.column is not None else "")
        lines = [f"{where}: {self.message}" if where else self.message]
        if self.focus:
            lines.append(f"    entity:   {self.focus}")
        if self.path:
            lines.append(f"    property: {self.path}")
        if self.hint:
            lines.append(f"    mend:     {self.hint}")
        return "\n".join(lines)


class DataError(KgError):
    """Ontology or data are at fault. ``faults`` lists each, the first ones first."""

    def __init__(self, message: str, faults: tuple[Fault, ...] = (), *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.faults = faults

    def __str__(self) -> str:
        return "\n".join([*(str(fault) for fault in self.faults), super().__str__()])


class ReleaseError(KgError):
    """A release is missing, incomplete, altered, or in conflict with one of the same version."""


class ReleaseUnknown(ReleaseError):
    """There never was a release of that version here."""


class ReleaseRemoved(ReleaseError):
    """The release of that version was removed; its tombstone says when and why."""

    def __init__(self, message: str, *, version: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.version = version


class CitationError(KgError):
    """A citation can't be kept or read."""


class CitationsDamaged(CitationError):
    """The store of citations is damaged, or was altered: only a backup mends it."""


class StorageError(KgError):
    """The system gives no room: a full disk, a folder that can't be written, no free file descriptor.

    `kg.machine.room` makes it from an OSError. Nothing that was there before has changed.
    """


class Busy(KgError):
    """Another process or thread held the lock of this work for too long. ``retry_after`` is in seconds."""

    def __init__(self, message: str, *, retry_after: int = 5, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class QueryError(KgError):
    """A query was not answered."""


class QuerySyntaxError(QueryError):
    """The query is not SPARQL 1.1. ``line`` and ``column`` count from 1, where known."""

    def __init__(
        self, message: str, *, line: int | None = None, column: int | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.line = line
        self.column = column


class QueryRefused(QueryError):
    """The query is not allowed here, whatever it would answer. ``limit`` names the setting, if one rules."""

    def __init__(self, message: str, *, limit: str | None = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.limit = limit


class UnknownFunction(QueryRefused):
    """The query calls a function that the engine doesn't have. ``iri`` is its name."""

    def __init__(self, iri: str, *, hint: str | None = None) -> None:
        super().__init__(f"there is no function <{iri}> here", limit="function", hint=hint)
        self.iri = iri


class QueryLimit(QueryError):
    """The query exceeded a limit while it ran. ``limit`` names the setting."""

    def __init__(self, message: str, *, limit: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.limit = limit


class QueryStopped(QueryError):
    """The query was stopped by its owner, or its client went away."""


class EngineBusy(QueryError):
    """No worker was free in time. ``retry_after`` is in seconds."""

    def __init__(self, message: str, *, retry_after: int = 1, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class ProcessLost(EngineBusy):
    """The query's process was killed or suspended from outside; asked again, the query runs in another."""


class EngineError(QueryError):
    """The engine failed."""


class EndpointError(EngineError):
    """A remote endpoint can't be reached, or answered with an error or with nonsense."""


class ServiceFailed(EngineError):
    """An endpoint that the query names behind SERVICE could not be reached, or failed."""
