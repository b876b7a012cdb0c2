"""sources/pace.py: capture times on the monotonic clock."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoedge.frames import Frame, FrameMeta
from sonoedge.sources.pace import stamped
from sonoedge.sources.picture import Picture

MS = 1_000_000
PIXELS = np.zeros((2, 2), dtype=np.uint8)


def pictures(*times_s: float | None) -> Generator[Picture, None, None]:
    for time_s in times_s:
        yield Picture(pixels=PIXELS, time_s=time_s)


def paced(
    given_pictures: Generator[Picture, None, None],
    clock: Any,
    *,
    realtime: bool = True,
    fps: float | None = None,
) -> Generator[Frame, None, None]:
    return stamped(given_pictures, realtime=realtime, fps=fps, clock_ns=clock, sleep_s=clock.sleep)


def test_unpaced_frames_are_captured_when_they_are_read(clock: Any) -> None:
    captured = []
    for frame in paced(pictures(0.0, 5.0, 9.0), clock, realtime=False):
        captured.append(frame.captured_ns)
        clock.tick_ms(7)
    assert captured == [1_000 * MS, 1_007 * MS, 1_014 * MS]
    assert clock.slept_s == []


def test_frames_carry_the_recordings_own_time_however_slowly_they_are_read(clock: Any) -> None:
    recorded = []
    for frame in paced(pictures(98.0, 98.04, 98.02, 98.1), clock, realtime=False):
        recorded.append(frame.recorded_ns)
        clock.tick_ms(1_200)
    assert recorded == [98_000 * MS, 98_040 * MS, 98_040 * MS, 98_100 * MS]  # never back


def test_frames_of_a_file_without_times_carry_none(clock: Any) -> None:
    frames = list(paced(pictures(None, None), clock, realtime=False))
    assert [frame.recorded_ns for frame in frames] == [None, None]
    frames = list(paced(pictures(None, None), clock, realtime=False, fps=20))
    assert [frame.recorded_ns for frame in frames] == [0, 50 * MS]


def test_paced_frames_are_captured_when_they_are_due(clock: Any) -> None:
    captured = [f.captured_ns for f in paced(pictures(0.0, 0.040, 0.100), clock)]
    assert captured == [1_000 * MS, 1_040 * MS, 1_100 * MS]
    assert clock.now_ns == 1_100 * MS


def test_a_time_line_that_starts_anywhere_starts_now(clock: Any) -> None:
    captured = [f.captured_ns for f in paced(pictures(98.0, 98.5), clock)]
    assert captured == [1_000 * MS, 1_500 * MS]


def test_time_spent_on_a_frame_is_taken_off_the_wait(clock: Any) -> None:
    frames = paced(pictures(0.0, 0.040), clock)
    next(frames)
    clock.tick_ms(30)
    next(frames)
    assert clock.slept_s == [pytest.approx(0.010)]


def test_a_frame_taken_late_keeps_its_due_time_so_that_its_age_shows(clock: Any) -> None:
    frames = paced(pictures(0.0, 0.040, 0.080), clock)
    next(frames)
    clock.tick_ms(200)
    late = [next(frames), next(frames)]
    assert [clock.now_ns - f.captured_ns for f in late] == [160 * MS, 120 * MS]
    assert clock.slept_s == []


def test_a_sleep_that_ends_early_is_slept_again(clock: Any) -> None:
    frames = stamped(
        pictures(0.0, 0.008),
        realtime=True,
        fps=None,
        clock_ns=clock,
        sleep_s=lambda s: clock.sleep(min(s, 0.003)),
    )
    assert [f.captured_ns for f in frames] == [1_000 * MS, 1_008 * MS]
    assert clock.slept_s == pytest.approx([0.003, 0.003, 0.002])


def test_frames_per_second_go_before_the_pictures_own_times(clock: Any) -> None:
    captured = [f.captured_ns for f in paced(pictures(0.0, 9.0, None), clock, fps=50)]
    assert captured == [1_000 * MS, 1_020 * MS, 1_040 * MS]


def test_a_device_that_knows_its_capture_times_is_believed(clock: Any) -> None:
    def live() -> Generator[Picture, None, None]:
        yield Picture(pixels=PIXELS, captured_ns=123)

    assert [f.captured_ns for f in paced(live(), clock)] == [123]
    assert clock.slept_s == []


def test_all_that_a_picture_carries_reaches_the_frame(clock: Any) -> None:
    def one() -> Generator[Picture, None, None]:
        yield Picture(
            pixels=PIXELS, spacing_mm=(0.2, 0.1), roi_px=(0, 0, 1, 2), meta=FrameMeta(probe="L12")
        )

    (frame,) = paced(one(), clock)
    assert frame.pixels is PIXELS
    assert (frame.spacing_mm, frame.roi_px, frame.meta.probe) == ((0.2, 0.1), (0, 0, 1, 2), "L12")


def test_closing_the_frames_closes_the_reader(clock: Any) -> None:
    closed = []

    def reading() -> Generator[Picture, None, None]:
        try:
            yield from pictures(0.0, 1.0)
        finally:
            closed.append(True)

    frames = paced(reading(), clock)
    next(frames)
    assert not closed
    frames.close()
    assert closed


class Clock:
    """As the fixture, made anew for each example."""

    def __init__(self) -> None:
        self.now_ns = 77

    def __call__(self) -> int:
        return self.now_ns

    def sleep(self, seconds: float) -> None:
        self.now_ns += max(1, round(seconds * 1e9))


@pytest.mark.req("R20")
@given(
    times_s=st.lists(st.floats(0, 100), min_size=1, max_size=20),
    busy_ms=st.lists(st.integers(0, 50_000), min_size=20, max_size=20),
)
def test_no_frame_is_of_the_future_and_none_is_before_the_one_before(
    times_s: list[float], busy_ms: list[int]
) -> None:
    clock, before = Clock(), 0
    for frame, busy in zip(paced(pictures(*times_s), clock), busy_ms, strict=False):
        assert before <= frame.captured_ns <= clock.now_ns
        before = frame.captured_ns
        clock.now_ns += busy * MS
