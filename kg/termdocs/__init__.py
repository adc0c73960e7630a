"""The vocabulary's own documentation, made from its statements: terms, lists, and a diagram per module.

`read` makes a `Vocabulary` of the ontology's triples, `render` writes it in a language; a release carries all
languages in one file of HTML that needs nothing else.
"""

from kg.termdocs.page import FILE, STYLE, render, whole
from kg.termdocs.read import read
from kg.termdocs.vocabulary import Vocabulary, said

__all__ = ["FILE", "STYLE", "Vocabulary", "read", "render", "said", "whole"]
