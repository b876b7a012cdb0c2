from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sample_recordings.moments import analysed, moment, refused
from sonoedge import Frame, FrameMeta, Reason
from sonoedge.recording.moment import Moment
from sonoedge.recording.rows import INVALID, Row, row_line, row_of
from sonoedge.settings import read
from sonoedge.strict_json import parse_json

PIXELS = np.zeros((4, 6), dtype=np.uint8)


def there_and_back(**fields: Any) -> tuple[Frame, Row]:
    frame = Frame(pixels=PIXELS, captured_ns=7, **fields)
    given = replace(moment(0.0, analysed()), frame=frame, captured_ns=7)
    row = read(Row, parse_json(row_line(row_of(given, 0, "pictures/0.png")), "row"))
    return row.to_frame(PIXELS), row


def test_a_frame_comes_back_but_for_what_may_name_a_patient() -> None:
    meta = FrameMeta(
        probe="L12",
        preset="breast",
        depth_mm=40.0,
        gain_db=-3.5,
        frozen=True,
        file="Doe^Jane.dcm",
        invalid="Doe^Jane.dcm is damaged",
    )
    frame, row = there_and_back(
        spacing_mm=(0.1, 0.2), pixel_aspect=1.5, roi_px=(0, 1, 4, 3), meta=meta
    )
    assert frame.meta == replace(meta, file=None, invalid=INVALID)
    assert (frame.spacing_mm, frame.pixel_aspect) == ((0.1, 0.2), 1.5)
    assert (frame.roi_px, frame.captured_ns) == ((0, 1, 4, 3), 7)
    assert b"Jane" not in row_line(row)


@pytest.mark.parametrize("size", [math.nan, math.inf, -math.inf, np.float32("nan")])
def test_what_is_no_size_stays_none(size: float) -> None:
    frame, _ = there_and_back(spacing_mm=(size, 0.1), pixel_aspect=size)
    assert frame.spacing_mm == (-1.0, 0.1)
    assert frame.pixel_aspect == -1.0


def test_whatever_a_host_gives_makes_a_row_that_can_be_read() -> None:
    meta = FrameMeta(probe="\ud800", preset="\x00", depth_mm=np.float32(40))  # type: ignore[arg-type]
    frame, _ = there_and_back(roi_px=(-(10**30), 0, 10**30, np.int64(5)), meta=meta)
    assert frame.roi_px is not None
    assert abs(frame.roi_px[0]) < 1 << 32
    assert frame.meta.probe == "?"
    assert frame.meta.depth_mm == 40.0


@pytest.mark.parametrize(
    ("given", "outcome", "answered"),
    [
        (moment(0.0, analysed()), "analysed", True),
        (moment(0.0), "superseded", False),
        (moment(0.0, None, result=refused(Reason.PAUSED)), "PAUSED", False),
        (moment(0.0, analysed(), result=refused(Reason.STALE)), "STALE", True),
        (moment(0.0, refused(Reason.BLACK)), "BLACK", True),
    ],
)
def test_the_outcome_is_what_the_frame_was_told(
    given: Moment, outcome: str, answered: bool
) -> None:
    row = row_of(given, 2, None)
    assert (row.outcome, row.answered, row.stream) == (outcome, answered, 2)
    assert json.loads(row_line(row))["outcome"] == outcome
