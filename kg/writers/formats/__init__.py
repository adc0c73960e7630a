"""The formats of RDF: a module each, which says what one is called and how it is written.

A module here has ``FORMAT``, and ``chunks(statements, *, prefixes, base, header, indent)``, which yields a
document piece by piece, each piece with the number of its statements; arguments that it doesn't use it takes
as ``**_``. Nothing else is needed to add a format: command line, negotiation, pages, service description,
downloads and error texts follow from these modules (`kg.mediatypes`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pkgutil import iter_modules

from kg.writers.format import Format
from kg.writers.statements import Chunks

_FIRST = ("ttl", "trig", "nt", "nq", "jsonld", "rdf")
"""In which order formats are offered; all others follow, by name."""


def in_order(formats: Iterable[Format], first: tuple[str, ...] = _FIRST) -> tuple[Format, ...]:
    """Return formats in the order of ``first``, their names, and then by name."""
    places = {name: place for place, name in enumerate(first)}
    return tuple(sorted(formats, key=lambda one: (places.get(one.name, len(first)), one.name)))


_MODULES = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
RDF_FORMATS: tuple[Format, ...] = in_order(module.FORMAT for module in _MODULES)
RDF_NAMES = ", ".join(one.name for one in RDF_FORMATS)
"""The formats of RDF by their short names, for messages."""
WRITERS: Mapping[str, Callable[..., Chunks]] = {module.FORMAT.name: module.chunks for module in _MODULES}
"""What writes each, by its name."""
