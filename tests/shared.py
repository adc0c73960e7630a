"""Data files of others, which lie beside the checkout and are not copied into it (see their README)."""

from __future__ import annotations

from pathlib import Path

SHARED = Path(__file__).resolve().parents[2] / "shared"


def shared(name: str) -> Path:
    """Return a file of the shared folder; where it is missing the test fails and says what to do."""
    path = next((p for p in (SHARED / name, SHARED.parent.parent / "shared" / name) if p.exists()), None)
    assert path is not None, f"put the shared files beside the checkout: {SHARED / name} is missing"
    return path
