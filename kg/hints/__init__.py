"""Hints on queries whose answers are right and not what was meant: see `kg.sparql.hints` for the table.

`find` says what it wants to know of the data as queries, and whoever drives it asks them: a program at once,
a server under its limits.
"""

from kg.hints.find import Finding, Seen, find, find_now
from kg.hints.known import Known, Probe

__all__ = ["Finding", "Known", "Probe", "Seen", "find", "find_now"]
