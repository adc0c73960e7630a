"""Read what a source's passages say, sentence by sentence, and keep what a second reader found.

A program sees that words stand in a passage, not that they say what is stated. So each statement is written
out in the words of the ontology and put beside the passage; a reader who is not its curator says yes, no, or
that it is a reading. The verdicts are kept beside the data, by a digest of each sentence's statements, so
that one that changed since counts as unread.
"""

from kg.review.listing import listing, read_paragraphs
from kg.review.record import FILE, Verdict, record, renumber
from kg.review.sentences import Sentence, read_sentences
from kg.review.state import Count, count, faults, missing, warnings
from kg.review.words import Words, read_words

__all__ = [
    "FILE",
    "Count",
    "Sentence",
    "Verdict",
    "Words",
    "count",
    "faults",
    "listing",
    "missing",
    "read_paragraphs",
    "read_sentences",
    "read_words",
    "record",
    "renumber",
    "warnings",
]
