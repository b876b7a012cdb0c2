"""sources/camera.py, through a capture that only looks like one."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from sonoedge.errors import SourceError
from sonoedge.sources import open_source
from sonoedge.sources.camera import camera, camera_index
from sonoedge.sources.source import Source

SECOND = 1_000_000_000


class FakeCapture:
    """A camera that gives three frames and is then unplugged."""

    def __init__(self, index: int, api: int, *, opens: bool = True) -> None:
        self.opened_with = (index, api)
        self.opens = opens
        self.frames = 3
        self.settings: dict[int, float] = {}
        self.stamp_ms = 0.0
        self.retrieves = True
        self.released = 0

    def isOpened(self) -> bool:
        return self.opens

    def set(self, key: int, value: float) -> bool:
        self.settings[key] = value
        return True

    def get(self, key: int) -> float:
        return {cv2.CAP_PROP_FPS: 30.0, cv2.CAP_PROP_POS_MSEC: self.stamp_ms}[key]

    def grab(self) -> bool:
        self.frames -= 1
        return self.frames >= 0

    def retrieve(self) -> tuple[bool, Any]:
        return self.retrieves, np.full((4, 6, 3), self.frames, dtype=np.uint8)

    def release(self) -> None:
        self.released += 1


def opened(clock: Any, **attributes: Any) -> tuple[Source, FakeCapture]:
    made: list[FakeCapture] = []

    def make(index: int, api: int) -> Any:
        made.append(FakeCapture(index, api, opens=attributes.pop("opens", True)))
        return made[0]

    source = Source(camera(2, capture_class=make, clock_ns=clock), realtime=True)
    for name, value in attributes.items():
        setattr(made[0], name, value)
    return source, made[0]


def test_a_camera_is_opened_by_v4l2_with_the_shortest_queue(clock: Any) -> None:
    source, capture = opened(clock)
    assert capture.opened_with == (2, cv2.CAP_V4L2)
    assert capture.settings == {cv2.CAP_PROP_BUFFERSIZE: 1}
    assert (source.name, source.count, source.fps) == ("/dev/video2", None, 30.0)


def test_frames_are_stamped_when_they_are_taken(clock: Any) -> None:
    source, _ = opened(clock)
    frames = iter(source)
    captured = []
    for _ in range(3):
        captured.append(next(frames).captured_ns - SECOND)
        clock.tick_ms(33)
    assert captured == [0, 33_000_000, 66_000_000]


@pytest.mark.parametrize(
    ("stamp_ms", "age_ms"),
    [(1980.0, 20), (0.0, 0), (999.0, 0), (2001.0, 0), (1.7e12, 0), (float("nan"), 0)],
)
def test_the_driver_s_stamp_counts_only_where_it_is_of_the_monotonic_clock(
    clock: Any, stamp_ms: float, age_ms: int
) -> None:
    clock.tick_ms(1000)
    source, _ = opened(clock, stamp_ms=stamp_ms)
    assert clock.now_ns - next(iter(source)).captured_ns == age_ms * 1_000_000


def test_a_camera_that_stops_is_an_error_and_no_end(clock: Any) -> None:
    source, _ = opened(clock)
    frames = iter(source)
    for _ in range(3):
        next(frames)
    with pytest.raises(SourceError, match="/dev/video2 gives no more frames"):
        next(frames)


def test_a_frame_that_cannot_be_decoded_is_an_error(clock: Any) -> None:
    source, _ = opened(clock, retrieves=False)
    with pytest.raises(SourceError, match="gives no more frames"):
        next(iter(source))


def test_a_camera_stays_open_between_iterations_until_it_is_closed(clock: Any) -> None:
    source, capture = opened(clock)
    assert [int(next(iter(source)).pixels[0, 0, 0]) for _ in range(2)] == [2, 1]
    assert capture.released == 0
    source.close()
    assert capture.released == 1


def test_a_camera_that_cannot_be_opened_says_what_to_do(clock: Any) -> None:
    with pytest.raises(SourceError, match="/dev/video2 cannot be opened; is it plugged in"):
        opened(clock, opens=False)


def test_only_video_devices_are_cameras() -> None:
    assert camera_index("/dev/video0") == 0
    assert camera_index("/dev/video12") == 12
    assert camera_index("/dev/video") is None
    assert camera_index("/tmp/dev/video0") is None


def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(SourceError, match="/dev/video987 cannot be opened"):
        open_source("/dev/video987")
