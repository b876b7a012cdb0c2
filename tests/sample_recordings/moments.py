"""Moments for tests that need no session."""

from __future__ import annotations

import numpy as np

from sonoedge import Analysed, Analysis, Frame, NotAnalysed, Origin, Reason, Region
from sonoedge.recording.moment import Moment

ORIGIN = Origin(
    bundle_id="b-1-0123",
    engine_sha256="0" * 64,
    runtime="onnxruntime",
    precision="fp32",
    variant="v",
)
SECOND = 10**9


def region(suspicion: float = 0.9, x: int = 10, track_id: int | None = None) -> Region:
    box = (x, 10, x + 20, 30)
    return Region(
        contour_px=np.array([(x, 10), (x + 19, 10), (x + 19, 29)], dtype=np.int32),
        box_px=box,
        area_px=400.0,
        area_mm2=None,
        box_mm=None,
        suspicion=suspicion,
        class_probs={"benign": 1 - suspicion, "malignant": suspicion},
        flagged=suspicion >= 0.5,
        track_id=track_id,
    )


def analysed(*regions: Region, up: bool | None = None, frame_id: int = 0) -> Analysed:
    return Analysed(
        frame_id=frame_id,
        captured_ns=0,
        age_ms=1.0,
        stages_ms={},
        origin=ORIGIN,
        regions=regions,
        class_probs={},
        temporal_flag=up,
    )


def refused(reason: Reason, detail: str = "") -> NotAnalysed:
    return NotAnalysed(
        frame_id=0,
        captured_ns=0,
        age_ms=1.0,
        stages_ms={},
        origin=ORIGIN,
        reasons=(reason,),
        detail=detail,
    )


def moment(
    at_s: float,
    answer: Analysis | None = None,
    *,
    result: Analysis | None = None,
    engine: int = 1,
    stream: str = "main",
    lost: bool = False,
    frame_id: int | None = None,
) -> Moment:
    """A moment of a 60 x 80 frame; without an answer and a result it was superseded."""
    number = round(at_s * 1000) if frame_id is None else frame_id
    pixels = np.random.default_rng(number % 7).integers(60, 200, (60, 80), dtype=np.uint8)
    asked = answer is not None
    return Moment(
        frame_id=number,
        stream=stream,
        captured_ns=round(at_s * SECOND),
        at_ns=round(at_s * SECOND),
        engine=engine,
        frame=Frame(pixels=pixels, captured_ns=round(at_s * SECOND)) if asked else None,
        answer=answer,
        result=answer if result is None else result,
        reusable=asked,
        lost=lost,
    )
