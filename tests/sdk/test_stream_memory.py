from __future__ import annotations

import numpy as np

from sample_recordings.moments import region
from sample_recordings.session import frames
from sonoedge import Frame, FrameMeta, GuardSettings, TrackingSettings
from sonoedge.processing.tracker_state import TrackerState
from sonoedge.stream_memory import StreamMemory, scene

BOX = (0, 0, 160, 120)


def seen(memory: StreamMemory, frame: Frame, number: int) -> tuple[object, ...]:
    """What a stream's memory makes of a frame."""
    reason = memory.guard.content(frame, BOX)
    if reason is not None or memory.tracker is None:
        return (reason,)
    wandering = region(0.9 if number % 11 else 0.1, x=10 + number % 50)
    tracked, up = memory.tracker.update([wandering], frame.captured_ns, scene(frame, BOX, 1.0))
    return (tracked[0].track_id, tracked[0].track_flagged, up)


def test_a_memory_that_is_put_back_goes_on_as_the_first_one_does() -> None:
    stream = frames(100)
    first = StreamMemory(GuardSettings(), TrackingSettings(), 0.5)
    answers = []
    for number, frame in enumerate(stream):
        second = StreamMemory(GuardSettings(), TrackingSettings(), 0.5)
        second.restore(first.state())
        answers.append(seen(first, frame, number))
        assert seen(second, frame, number) == answers[-1]
    assert len(set(answers)) > 4


def test_what_is_taken_out_does_not_change_any_more() -> None:
    memory = StreamMemory(GuardSettings(), TrackingSettings(), 0.5)
    a, b = frames(2)
    seen(memory, a, 1)
    state = memory.state()
    seen(memory, b, 2)
    assert state.frozen is not None
    assert state.frozen.picture is not None
    assert np.array_equal(state.frozen.picture, a.pixels)
    assert state.tracker is not None
    assert len(state.tracker.tracks[0].raising) == 1


def test_a_memory_without_checks_has_nothing_to_put_back() -> None:
    memory = StreamMemory(GuardSettings(frozen_after_ms=None), None, 0.5)
    state = memory.state()
    assert (state.frozen, state.tracker) == (None, None)
    memory.restore(state)
    tracking = StreamMemory(GuardSettings(), TrackingSettings(), 0.5)
    tracking.restore(state)
    assert tracking.state().tracker == TrackerState()


def test_a_scene_is_what_the_scanner_says_and_the_pictures_form() -> None:
    frame = frames(1)[0]
    assert scene(frame, BOX, 1.0) == scene(frame, BOX, 1.0)
    other = Frame(pixels=frame.pixels, meta=FrameMeta(probe="L12", depth_mm=60.0))
    assert scene(other, BOX, 1.0) != scene(frame, BOX, 1.0)
    deep = FrameMeta(depth_mm=np.float32(40))  # type: ignore[arg-type]
    assert type(scene(Frame(pixels=frame.pixels, meta=deep), BOX, 1.0).depth_mm) is float
