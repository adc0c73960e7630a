"""Hints on queries whose answers are right but perhaps not what was meant.

Their table is `kg.sparql.explaining.hints`.

`find` is a generator that yields the queries it needs answered; the caller answers them: a program at once, a
server under its limits.
"""

from kg.hints.find import Finding, Seen, find, find_now
from kg.hints.known import Known, Probe

__all__ = ["Finding", "Known", "Probe", "Seen", "find", "find_now"]
