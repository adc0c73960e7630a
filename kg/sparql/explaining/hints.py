"""The one table of hints: what the specification lets pass and people don't expect. Pure.

A hint stands beside an answer that is right; it says why that may not be what was meant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of hint: its ``id``, what is ``looked_for``, and what is said.

    ``says`` has names in braces where the query's own words go. It is English, and a message that pages
    translate; so nothing but terms of RDF and SPARQL may go there.
    """

    id: str
    looked_for: str
    says: str


KINDS = (
    Kind(
        "tag-case",
        "a language tag in capitals, compared with LANG in a store that keeps tags in lower case",
        '"{tag}" was read as "{kept}", as tags are kept here',
    ),
    Kind(
        "graph-name",
        "a FILTER or BIND inside of GRAPH ?g that looks at ?g (SPARQL 1.1 §18.6)",
        "inside of GRAPH {variable} the variable {variable} has no value yet;"
        " put the {word} behind the closing brace",
    ),
    Kind(
        "no-tag",
        "a language tag that no text of the data has",
        "no text here has the tag {tag}; there are {tags}",
    ),
    Kind(
        "untagged",
        "a text without a tag where the data's texts have one (RDF 1.1 §3.3: they are different terms)",
        "{text} without a language tag is another term than the texts here, which have one; write {meant}",
    ),
    Kind(
        "having-alias",
        "HAVING that looks at a name which the same SELECT gives (SPARQL 1.1 §18.2.4.2: HAVING comes first)",
        "HAVING comes before SELECT names {variable}; write {expression} there instead of {variable}",
    ),
    Kind(
        "group-concat",
        "GROUP_CONCAT over what isn't text (SPARQL 1.1 §18.5.1.7: it joins strings)",
        "GROUP_CONCAT joins text, and {variable} holds {example} ({type}), so there is no value;"
        " write GROUP_CONCAT(STR({variable}))",
    ),
    Kind(
        "unlike-types",
        "values of types that are never equal and have no order between them (SPARQL 1.1 §17.3)",
        "{variable} holds for instance {example} ({type}), which {constant} ({other}) can't be compared with",
    ),
    Kind(
        "unlike-object",
        "an object of another type than a property has",
        "{property} leads for instance to {example} ({type}), and {constant} is {other}",
    ),
    Kind(
        "filter-error",
        "a FILTER that is an error for what the patterns find, so that it drops it (SPARQL 1.1 §17.2)",
        "{filter} is an error where {values}, and what it errs on is dropped",
    ),
    Kind(
        "no-value",
        "a variable that is selected or looked at and that nothing gives a value",
        "nothing gives {variable} a value",
    ),
    Kind(
        "misspelt-variable",
        "such a variable where another is called nearly the same",
        "nothing gives {variable} a value; did you mean {near}?",
    ),
    Kind(
        "no-term",
        "a class or property in one of the dataset's namespaces that the data doesn't have",
        "{term} is no class or property of this dataset",
    ),
    Kind(
        "misspelt-term",
        "such a term where another is called nearly the same",
        "{term} is no class or property of this dataset; did you mean {near}?",
    ),
    Kind(
        "no-thing",
        "an IRI under the dataset's base of which the data says nothing",
        "nothing is said of {term} in this dataset",
    ),
    Kind(
        "misspelt-thing",
        "such an IRI where another is nearly the same",
        "nothing is said of {term} in this dataset; did you mean {near}?",
    ),
)
"""Every kind; a test walks them, each with a query that gets it and one that doesn't."""

BY_ID = {kind.id: kind for kind in KINDS}


@dataclass(frozen=True)
class Hint:
    """One hint on one query; ``values`` go into the places of what its kind says."""

    id: str
    values: tuple[tuple[str, str], ...] = ()

    def text(self, translate: Callable[[str], str] = str) -> str:
        """Return what is said, in English or as ``translate`` has it."""
        return translate(BY_ID[self.id].says).format(**dict(self.values))

    def __str__(self) -> str:
        return self.text()


def hint(id: str, **values: str) -> Hint:
    """Return a hint of a kind."""
    return Hint(id, tuple(values.items()))
