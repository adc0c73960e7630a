"""Reading the values of settings from text, and checking them against their bounds."""

from __future__ import annotations

from typing import Any

from kg.errors import SettingsError


def parse(name: str, text: str, default: Any) -> Any:
    """Read ``text`` as the type that the default has."""
    try:
        if isinstance(default, bool):
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[
                text.lower()
            ]
        if isinstance(default, tuple):
            return tuple(part.strip() for part in text.split(",") if part.strip())
        return type(default)(text)
    except (ValueError, KeyError):
        kind = type(default).__name__
        raise SettingsError(f"{name}={text!r} is not a {kind}", hint=f"the default is {default!r}") from None


def check(f: Any, value: Any) -> None:
    """Refuse a number outside the bounds of its setting."""
    if isinstance(value, int | float) and not f.metadata["low"] <= value <= f.metadata["high"]:
        bounds = f"{f.metadata['low']} to {f.metadata['high']}"
        raise SettingsError(
            f"KG_{f.name.upper()}={value} is out of bounds", hint=f"it takes {bounds} ({f.metadata['unit']})"
        )
