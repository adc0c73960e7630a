"""What slow rules gave, kept by what they read: most changes of the data don't touch it."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox

from kg.engine.door import Admitted
from kg.machine.memory import Memory, key_of
from kg.make.adding.dependencies import digest, reads

_SLOW = 0.15
"""Seconds of the processor from which on a rule is slow. What a check says doesn't depend on it."""
_MOST = 40_000
"""Statements: to look at more takes as long as the rules themselves."""
_DIGEST = 64


class Slow:
    """A rule's answer over a store, which must not change from the first call to the last."""

    def __init__(self, store: ox.Store, admitted: Admitted, name: str, memory: Memory) -> None:
        self._store, self._admitted, self._name, self._memory = store, admitted, name, memory
        self._key = key_of(admitted.text)
        self._never = False

    def recall(self, path: Path) -> bool:
        """Write the answer to a file of N-Triples, if it is kept and all that it read is still the same."""
        found = self._memory.recall(self._name, self._key)
        self._never = found == b""
        if not found or found[:_DIGEST].decode() != self._digest():
            return False
        path.write_bytes(found[_DIGEST:])
        return True

    def keep(self, path: Path, seconds: float) -> None:
        """Keep the answer in a file, if it took long and it can be told what it read."""
        if self._memory and seconds >= _SLOW and not self._never:
            read, answer = self._digest(), path.read_bytes()
            # A blank node would be another one each time. That it isn't kept is kept: to tell takes long too.
            kept = b"" if read is None or b"_:" in answer else read.encode() + answer
            self._memory.keep(self._name, self._key, kept)

    def _digest(self) -> str | None:
        read = reads(self._admitted)
        return digest(self._store, read, _MOST) if read else None
