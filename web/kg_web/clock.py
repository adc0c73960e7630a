"""The current day, for citations and records: the only place where pages read the clock."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the time, to the second, in UTC."""
    return datetime.now(UTC).replace(microsecond=0)


def today() -> str:
    """Return the day in UTC (ISO 8601)."""
    return now().date().isoformat()
