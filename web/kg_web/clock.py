"""The day, for citations and records: the one place where pages ask what time it is."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the time, to the second, in UTC."""
    return datetime.now(UTC).replace(microsecond=0)


def today() -> str:
    """Return the day in UTC (ISO 8601)."""
    return now().date().isoformat()
