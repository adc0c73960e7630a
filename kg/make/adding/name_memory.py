"""Names that a procedure has made before: of some ten thousand few change from one check to the next."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cached_property

from kg.machine.memory import Memory, key_of
from kg.make.adding.romanise import Procedure


class Remembered:
    """A procedure with its table of overrides; it is made, with all that it loads, for the first new name."""

    def __init__(
        self,
        name: str,
        procedure: str,
        make: Callable[[Mapping[str, str]], Procedure],
        overrides: Mapping[str, str],
        memory: Memory,
    ) -> None:
        self._make, self._overrides, self._memory = make, overrides, memory
        self._name, self._key = f"names-{name}", key_of(procedure, sorted(overrides.items()))
        found = memory.recall(self._name, self._key)
        self._before: dict[str, str] = json.loads(found) if found else {}
        self._now: dict[str, str] = {}

    @cached_property
    def _procedure(self) -> Procedure:
        return self._make(self._overrides)

    def __call__(self, name: str) -> str:
        """Return what the procedure makes of a name."""
        made = self._now.get(name)
        if made is None:
            made = self._before.get(name)
            self._now[name] = made = self._procedure(name) if made is None else made
        return made

    def save(self) -> None:
        """Keep the names that were asked for, if any of them is new or gone."""
        if self._memory and self._now.keys() != self._before.keys():
            self._memory.keep(self._name, self._key, json.dumps(self._now).encode())
