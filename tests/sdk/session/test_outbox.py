from __future__ import annotations

import threading
from typing import Any

import numpy as np

from sonoedge import Frame
from sonoedge.session.mailbox import Submission
from sonoedge.session.outbox import Outbox


def _submission(frame_id: int, stream: str) -> Submission:
    frame = Frame(pixels=np.zeros((1, 1), np.uint8), captured_ns=0)
    return Submission(frame_id=frame_id, stream=stream, frame=frame, born_ns=0)


def _put(outbox: Outbox, frame_id: int, stream: str) -> int | None:
    result: Any = f"result {frame_id}"
    overtaken = outbox.put(_submission(frame_id, stream), result)
    return None if overtaken is None else overtaken.frame_id


def test_a_newer_result_takes_the_place_of_its_own_streams_and_not_its_turn() -> None:
    outbox = Outbox()
    assert [_put(outbox, 1, "a"), _put(outbox, 2, "b"), _put(outbox, 3, "a")] == [None, None, 1]
    assert len(outbox) == 2
    assert [outbox.take()[0].frame_id for _ in range(2)] == [3, 2]
    assert not outbox


def test_a_callback_runs_from_taking_a_result_until_it_was_told() -> None:
    outbox = Outbox()
    _put(outbox, 1, "a")
    thread = threading.Thread(target=outbox.take)
    thread.start()
    thread.join()
    assert outbox.callback_runs_elsewhere()
    outbox.told()
    assert not outbox.callback_runs_elsewhere()


def test_the_callbacks_own_thread_does_not_count_as_elsewhere() -> None:
    outbox = Outbox()
    _put(outbox, 1, "a")
    outbox.take()
    assert not outbox.callback_runs_elsewhere()


def test_nothing_waits_after_clearing() -> None:
    outbox = Outbox()
    _put(outbox, 1, "a")
    outbox.clear()
    assert not outbox
    assert _put(outbox, 2, "a") is None
