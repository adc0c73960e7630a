"""A release in a notebook: what `kg.open` gives, frames of other libraries, and what a notebook shows."""

from kg.notebook.notebook import Notebook, Row, ask, declared, sourced, with_prefixes

__all__ = ["Notebook", "Row", "ask", "declared", "sourced", "with_prefixes"]
