"""A stream with all that can happen to a frame, and a live session that records it."""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

import sonoedge
from sonoedge import EngineOptions, Frame, FrameMeta, Recording

TINY = Path(__file__).parents[1] / "data" / "tiny"
ENGINE = EngineOptions(runtime="onnxruntime", threads=1)
LONG_MS = 60_000.0  # older than any test: age is not what it is about
PERIOD_NS = 33_000_000
Pixels = npt.NDArray[np.uint8]


def picture(number: int) -> Pixels:
    """Speckle with a dark spot that wanders, comes and goes; some pictures are black or repeat."""
    if number % 41 == 40:
        return np.full((120, 160), 3, dtype=np.uint8)  # stopped by the guard
    if 60 <= number % 90 < 80:
        number = 60  # unchanged for 0.66 s: frozen from half a second on
    pixels = np.random.default_rng(number).integers(140, 200, (120, 160), dtype=np.uint8)
    if number % 30 < 22:
        cv2.circle(pixels, (50 + number % 60, 60), 18, (10,), -1)
    return pixels


def frames(count: int) -> list[Frame]:
    """A stream of `count` frames at 30 per second, the last one captured about now."""
    begin_ns = time.monotonic_ns() - count * PERIOD_NS
    return [
        Frame(
            pixels=picture(number),
            captured_ns=begin_ns + number * PERIOD_NS,
            spacing_mm=(0.1, 0.2),
            meta=FrameMeta(probe="L12", depth_mm=40, file="Doe^Jane.png"),
        )
        for number in range(count)
    ]


def record_stream(
    folder: Path,
    count: int = 120,
    *,
    isolation: sonoedge.session.start.Isolation = "thread",
    before_s: float = 600.0,
    after_s: float = 600.0,
    stream: str = "main",
) -> None:
    """Record a session of `count` frames; every 25th comes with two that it supersedes.

    The session's clock goes from frame to frame, whatever time that takes here.
    """
    stream_frames = frames(count)
    now_ns = stream_frames[0].captured_ns
    with sonoedge.live(
        TINY,
        max_age_ms=LONG_MS,
        deadline_ms=LONG_MS,
        isolation=isolation,
        engine=ENGINE,
        clock_ns=lambda: now_ns,
        record=Recording(folder=folder, before_s=before_s, after_s=after_s),
    ) as session:
        for number, frame in enumerate(stream_frames):
            now_ns = frame.captured_ns
            session.submit(frame, stream)
            if number % 25 < 23:
                assert session.drain(60)
        assert session.drain(60)
    assert session.finish_recording(60)
    assert session.recording is not None
    assert session.recording.failed == session.recording.lost == 0
    assert session.recording.clips
