"""What every entry of the registry says, and how the documentation shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One fault of an engine.

    ``about`` says what is right and what the engine does; ``met`` is the file that looks for it and does
    something about it; ``versions`` are the engine's versions that have the fault.
    """

    id: str
    about: str
    met: str
    versions: frozenset[str]

    @property
    def done(self) -> str:
        """What is done about it, in words."""
        raise NotImplementedError

    @property
    def shown(self) -> tuple[str, str]:
        """An example, and what is right, for the documentation."""
        raise NotImplementedError


def as_markdown(faults: Iterable[Fault]) -> str:
    """Return entries as a table of Markdown: each with its first example."""
    lines = [
        "| quirk | what is right, what the engine does | versions | what is done | for example | right |"
    ]
    lines.append("|---|---|---|---|---|---|")
    for one in faults:
        example, right = one.shown
        versions = ", ".join(sorted(one.versions))
        cells = (one.id, one.about, versions, f"{one.done} (`{one.met}`)", f"`{example}`", right)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"
