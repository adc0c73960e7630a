"""Hold what passages' graphs state against the passages' own texts, and keep the verdict beside the data.

The texts belong to others and are not republished, so whoever has them runs the check, and everybody can
see from the verdict's digests whether a graph has changed since. Which terms play which part (where a span
starts, what it supports, a text's checksum) the ontology says, by rdfs:subPropertyOf: see `roles`.
"""

from kg.evidence.check import Report, check_sources
from kg.evidence.verdict import FILE, checked, stale

__all__ = ["FILE", "Report", "check_sources", "checked", "stale"]
