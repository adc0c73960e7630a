"""Server processes that stop each other's queries."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from kg_web.server.peers import Peers


@pytest.mark.parametrize("length", [1, 120, 240])
def test_a_process_is_reached_however_long_its_folder_is_named(tmp_path: Path, length: int) -> None:
    """A socket's path takes some hundred bytes; a folder for temporary files may have more."""
    asked: list[str] = []

    def stop(id: str) -> bool:
        asked.append(id)
        return id == "mine"

    async def both() -> list[bool]:
        folder = tmp_path / ("p" * length)
        other, here = Peers(folder, stop), Peers(folder, lambda _: False)
        here.own = folder / "1.sock"
        await other.start()
        await here.start()
        try:
            return [await here.stop("mine"), await here.stop("nobody's")]
        finally:
            await here.close()
            await other.close()

    assert asyncio.run(both()) == [True, False]
    assert asked == ["mine", "nobody's"]
    assert not list(tmp_path.rglob("*.sock"))
