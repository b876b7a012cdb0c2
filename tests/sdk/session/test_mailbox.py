from __future__ import annotations

import numpy as np
import pytest

from sonoedge.session.mailbox import SPARE, Buffers, Mailbox, Submission
from sonoedge_bench.reliability.drive import frame, speckle


def submission(frame_id: int, stream: str = "a") -> Submission:
    return Submission(frame_id=frame_id, stream=stream, frame=frame(), born_ns=0)


@pytest.mark.req("R13")
def test_the_newest_frame_of_a_stream_wins() -> None:
    box = Mailbox()
    first, second = submission(0), submission(1)
    assert box.put(first) is None
    assert box.put(second) is first
    assert box.take() is second
    assert box.take() is None


def test_an_older_frame_that_comes_late_is_the_superseded_one() -> None:
    box = Mailbox()
    newer, older = submission(5), submission(4)
    box.put(newer)
    assert box.put(older) is older
    assert box.take() is newer


def test_streams_take_turns_however_fast_one_of_them_is() -> None:
    box = Mailbox()
    taken = []
    number = 0
    for _ in range(9):
        for stream in ("fast", "fast", "fast", "slow", "third"):
            box.put(submission(number, stream))
            number += 1
        given = box.take()
        assert given is not None
        taken.append(given.stream)
    assert {s: taken.count(s) for s in taken} == {"fast": 3, "slow": 3, "third": 3}


def test_copies_are_equal_contiguous_and_independent() -> None:
    buffers = Buffers()
    pixels = speckle(1)[::2, ::3]
    mine = buffers.copy(pixels)
    assert np.array_equal(mine, pixels)
    assert mine.flags.c_contiguous
    assert not np.shares_memory(mine, pixels)


def test_a_buffer_that_was_given_back_is_used_again() -> None:
    buffers = Buffers()
    mine = buffers.copy(speckle(1))
    assert buffers.copy(speckle(2)) is not mine
    buffers.give_back(mine)
    assert buffers.copy(speckle(3)) is mine


def test_spare_buffers_are_bounded() -> None:
    buffers = Buffers()
    many = [buffers.copy(speckle(1)) for _ in range(20)]
    for mine in many:
        buffers.give_back(mine)
    again = [buffers.copy(speckle(1)) for _ in range(20)]
    assert sum(any(a is m for m in many) for a in again) == SPARE
    for side in range(1, 100):
        buffers.give_back(np.zeros((side, side), np.uint8))
    assert sum(len(kept) for kept in buffers._spare.values()) <= 100
    assert len(buffers._spare) <= 4
