"""Names that a procedure has made before: of some ten thousand few change from one check to the next."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cached_property

from kg.machine.memory import Memory, key_of
from kg.make.adding.romanise import Procedure


class Remembered:
    """A procedure with its table of overrides; it is made, with all that it loads, for the first new name.

    ``ahead`` waits for what is made meanwhile (`kg.make.adding.ahead`), once a name isn't known from before.
    """

    def __init__(
        self,
        name: str,
        procedure: str,
        make: Callable[[Mapping[str, str]], Procedure],
        overrides: Mapping[str, str],
        memory: Memory,
        *,
        ahead: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self._make, self.overrides, self._memory = make, overrides, memory
        self._name, self._key = f"names-{name}", key_of(procedure, sorted(overrides.items()))
        self._now: dict[str, str] = {}
        self._wait = ahead

    @property
    def knows_any(self) -> bool:
        """Whether any name is known from before."""
        return bool(self._before)

    @cached_property
    def _before(self) -> dict[str, str]:
        found = self._memory.recall(self._name, self._key)
        return json.loads(found) if found else {}

    @cached_property
    def _ahead(self) -> Mapping[str, str]:
        return self._wait()

    @cached_property
    def _procedure(self) -> Procedure:
        return self._make(self.overrides)

    def __call__(self, name: str) -> str:
        """Return what the procedure makes of a name."""
        made = self._now.get(name)
        if made is None:
            made = self._before.get(name)
            if made is None:
                made = self._ahead.get(name)
            self._now[name] = made = self._procedure(name) if made is None else made
        return made

    def save(self) -> None:
        """Keep the names that were asked for, if any of them is new or gone."""
        if self._memory and self._now.keys() != self._before.keys():
            self._memory.keep(self._name, self._key, json.dumps(self._now).encode())
