from __future__ import annotations

import numpy as np
import pytest

from sonoedge import Frame, Reason
from sonoedge.errors import InvalidSettings
from sonoedge.guard import GuardSettings
from sonoedge.session.intake import MAX_STREAMS, Intake
from sonoedge.session.mailbox import Buffers
from sonoedge_bench.reliability.drive import speckle

NOW_NS = 10**9
PIXELS = speckle(0, height=64, width=64)


def intake(guard: GuardSettings | None = None) -> Intake:
    settings = guard or GuardSettings()
    return Intake(Buffers(), lambda: settings)


def test_pixels_are_copied_and_capture_is_never_later_than_now() -> None:
    frame = Frame(pixels=PIXELS, captured_ns=NOW_NS + 500_000)  # a stamp that was rounded up
    submission = intake().submission(frame, 3, "main", NOW_NS)
    assert submission.refused is None
    assert (submission.frame_id, submission.stream, submission.born_ns) == (3, "main", NOW_NS)
    assert np.array_equal(submission.frame.pixels, PIXELS)
    assert not np.shares_memory(submission.frame.pixels, PIXELS)


def test_what_is_wrong_with_a_frame_is_its_outcome() -> None:
    ahead = Frame(pixels=PIXELS, captured_ns=NOW_NS + 10**9)
    submission = intake().submission(ahead, 0, "main", NOW_NS)
    assert submission.refused is Reason.CAPTURE_CLOCK_NOT_MONOTONIC
    none = Frame(pixels=None, captured_ns=NOW_NS)  # type: ignore[arg-type]
    assert intake().submission(none, 0, "main", NOW_NS).refused is Reason.WRONG_DTYPE


def test_the_guard_is_asked_for_with_each_frame_for_it_may_be_another_bundles() -> None:
    guards = [GuardSettings(), GuardSettings(max_side_px=32)]
    taken = Intake(Buffers(), lambda: guards[0])
    frame = Frame(pixels=PIXELS, captured_ns=NOW_NS)
    assert taken.submission(frame, 0, "main", NOW_NS).refused is None
    guards.pop(0)
    assert taken.submission(frame, 1, "main", NOW_NS).refused is Reason.WRONG_SHAPE


def test_there_is_a_bound_on_streams_and_a_known_one_is_always_taken() -> None:
    taken = intake()
    for number in range(MAX_STREAMS):
        taken.admit(str(number))
    with pytest.raises(InvalidSettings, match="at most 64 streams"):
        taken.admit("one more")
    taken.admit("0")
    with pytest.raises(InvalidSettings, match="stream must be text"):
        taken.admit(0)
