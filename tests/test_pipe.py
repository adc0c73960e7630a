"""The frames between a pool and its query processes."""

import pytest

from kg.engine.process.pipe import framed, is_whole, unframed

FRAME = framed(b'{"ok": true}', "后 rows".encode())


@pytest.mark.parametrize("come", range(len(FRAME)))
def test_a_frame_that_has_come_in_part_is_waited_for(come):
    assert not is_whole(FRAME[:come])
    assert not is_whole(bytearray(FRAME[:come]))


def test_a_whole_frame_gives_its_header_and_body():
    assert is_whole(FRAME)
    assert unframed(FRAME) == ({"ok": True}, "后 rows".encode())
    assert unframed(framed(b"{}")) == ({}, b"")


def test_both_ends_of_the_pipe_know_frames_from_one_place():
    """A second layout of the lengths would part the ends with the first change."""
    from kg.engine.pool import member
    from kg.engine.process import worker

    assert member.framed is worker.framed is framed
    assert member.unframed is worker.unframed is unframed
    assert not hasattr(member, "struct")
    assert not hasattr(worker, "struct")
