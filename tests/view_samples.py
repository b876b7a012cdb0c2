"""Frames, results and a server of the live page, for its tests."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from metric_samples import status
from sonoedge.analysis import Analysed, Analysis, Explanation, NotAnalysed, Origin, Reason, Region
from sonoedge.frames import Frame
from sonoedge.view.feed import ViewFeed
from sonoedge.view.message import state_message
from sonoedge.view.server import ViewServer

ORIGIN = Origin(
    bundle_id="b", engine_sha256="0" * 64, runtime="onnxruntime", precision="int8", variant="v"
)


def frame(level: int = 90) -> Frame:
    """A grey picture of 120 x 160 with noise; `level` stands in its corner."""
    pixels = np.random.default_rng(level).integers(40, 120, (120, 160), dtype=np.uint8)
    pixels[:8, :8] = level
    return Frame(pixels=pixels, spacing_mm=(0.25, 0.25))


def analysed(frame_id: int, *, flag: bool = False, found: bool = True) -> Analysed:
    """A result with one region, or none."""
    square = np.array([[40, 30], [100, 30], [100, 80], [40, 80]], np.int32)
    region = Region(
        contour_px=square,
        box_px=(40, 30, 101, 81),
        area_px=3000.0,
        area_mm2=187.5,
        box_mm=(15.2, 12.8),
        suspicion=0.91 if flag else 0.2,
        class_probs={},
        flagged=flag,
        track_id=7,
        track_flagged=flag,
    )
    return Analysed(
        frame_id=frame_id,
        captured_ns=0,
        age_ms=8.0 + frame_id % 5,
        stages_ms={},
        origin=ORIGIN,
        regions=(region,) if found else (),
        class_probs={},
        temporal_flag=flag,
    )


def explained(frame_id: int, level: int = 255) -> Analysed:
    """A flagged result whose map has this level everywhere."""
    explanation = Explanation(
        name="malignancy_map",
        levels=np.full((12, 16), level, np.uint8),
        box_px=(0, 0, 160, 120),
    )
    return replace(analysed(frame_id, flag=True), explanation=explanation)


def not_analysed(frame_id: int, reason: Reason = Reason.NO_CONTACT) -> NotAnalysed:
    """A refusal, whose detail must not leave the process."""
    return NotAnalysed(
        frame_id=frame_id,
        captured_ns=0,
        age_ms=1.0,
        stages_ms={},
        origin=ORIGIN,
        reasons=(reason,),
        detail="a detail that stays",
    )


def add(feed: ViewFeed, result: Analysis, level: int = 90) -> None:
    """A frame and its result."""
    feed.add_frame(result.frame_id, frame(level))
    feed.add_result(result)


@contextmanager
def served(feed: ViewFeed) -> Iterator[ViewServer]:
    """A server of a session that is READY."""

    def state() -> str:
        now_ns = time.monotonic_ns()
        return state_message(replace(status(), valid_until_ns=now_ns + 10**9), None, now_ns)

    with ViewServer(feed, state) as server:
        yield server
