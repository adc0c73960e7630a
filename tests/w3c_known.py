"""The W3C's tests that don't pass, each with its reason."""

FORMS: frozenset[str] = frozenset()
"""Right, but for how literals are written: the store keeps a number's value, not its form (1.50 is 1.5)."""

OTHERWISE: dict[str, str] = {}
"""What is otherwise here, and why."""
