"""Collect faults and raise them together."""

from __future__ import annotations

from collections.abc import Sequence

from kg.errors import DataError, Fault

MOST = 100
"""More faults than these are counted, not shown."""


def raise_faults(faults: Sequence[Fault], what: str = "the data can't be published") -> None:
    """Raise DataError when a fault is an error; a warning alone does not raise."""
    errors = [fault for fault in faults if fault.severity == "error"]
    if errors:
        count = "1 fault" if len(errors) == 1 else f"{len(errors)} faults"
        shown = f", the first {MOST} shown" if len(errors) > MOST else ""
        raise DataError(f"{what}: {count}{shown}", tuple(errors[:MOST]))
