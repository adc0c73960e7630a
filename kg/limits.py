"""What a limit is: what it bounds, who keeps it, and what a reader is told when it is exceeded.

The limits themselves are declared in `kg.settings`, each with the field that sets it; `kg.settings.LIMITS` is
the registry made from them. Errors, problem documents, the service description, the editor's advice and the
table in ``docs/settings.md`` follow from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kg.errors import EngineBusy, QueryLimit, QueryRefused


@dataclass(frozen=True, slots=True)
class Exceeded:
    """What happens when a limit is exceeded.

    ``keeper`` names the part of the program that enforces it. A client gets the HTTP ``status``, a ``code``
    (for programs; it never changes) and a ``title``. ``says`` is the sentence, with places for `str.format`;
    ``hint`` says what would mend it; ``retry`` after how many seconds to ask again. ``advice`` is what the
    editor says instead of the hint; it and the title, as a sentence, are messages of the catalogues.
    ``described``: the service description lists the limit.
    """

    keeper: str
    status: int
    code: str
    title: str
    says: str
    hint: str | None = None
    retry: int = 0
    advice: str = ""
    described: bool = False

    @property
    def sentence(self) -> str:
        """The title as a sentence, for pages: a message of the catalogues."""
        return self.title.rstrip(".") + "."


def busy(
    keeper: str, says: str, hint: str = "ask again in a while", *, retry: int = 5, described: bool = False
) -> Exceeded:
    """Return what happens at a limit on how many may come at once, or how long one may wait."""
    told = ("busy", "The server is busy", says, hint)
    return Exceeded(keeper, 503, *told, retry=retry, described=described)


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit: the field of the settings, its default, unit and meaning, and what happens beyond it."""

    name: str
    default: Any
    unit: str
    meaning: str
    exceeded: Exceeded

    @property
    def variable(self) -> str:
        """The environment variable, by which errors name the limit."""
        return f"KG_{self.name.upper()}"

    @property
    def standard(self) -> str:
        """The default with its unit, as a reader is told."""
        default = self.default
        if isinstance(default, tuple):
            return ", ".join(map(str, default)) or "none"
        return f"{default:g} {self.unit}" if default < 1_000_000 else f"{default:,} {self.unit}"

    def says(self, **values: object) -> str:
        """Return the sentence that a reader is told, with its values."""
        return self.exceeded.says.format(**values)

    def refused(self, **values: object) -> QueryRefused:
        """Return the error for a query that may not be asked. Raises KeyError for a value not given."""
        return QueryRefused(self.says(**values), limit=self.variable, hint=self.exceeded.hint)

    def ended(self, message: str | None = None, **values: object) -> QueryLimit:
        """Return the error for a query that went too far while it ran.

        ``message`` replaces the limit's own sentence where the caller knows more. Raises KeyError for a
        value that isn't given.
        """
        said = self.says(**values) if message is None else message
        return QueryLimit(said, limit=self.variable, hint=self.exceeded.hint)

    def busy(self, **values: object) -> EngineBusy:
        """Return the error for a query that found no place. Raises KeyError for a value that isn't given."""
        told = self.exceeded
        return EngineBusy(self.says(**values), retry_after=told.retry, hint=told.hint)


def as_markdown(limits: Iterable[Limit]) -> str:
    """Return limits as a table of Markdown, for the documentation."""
    lines = ["| exceeded | kept by | status | `code` | what is said | hint |", "|---|---|---|---|---|---|"]
    for one in limits:
        told = one.exceeded
        status = f"{told.status} with `Retry-After`" if told.status in (429, 503) else str(told.status)
        cells = (f"`{one.variable}`", told.keeper, status, f"`{told.code}`", told.says, told.hint or "")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
