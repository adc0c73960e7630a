"""The quality of a release in numbers, each with the query behind it: measured at the build, read by pages.

What is measured stands in metrics.ttl, as DQV (the Data Quality Vocabulary); how, in queries/<metric>.rq.
"""

from kg.quality.measure import Measurement, measure
from kg.quality.read import Report, read_report
from kg.quality.write import FILE, to_triples

__all__ = ["FILE", "Measurement", "Report", "measure", "read_report", "to_triples"]
