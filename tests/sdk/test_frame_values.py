"""What a frame says of itself is checked before anything counts on it."""

from __future__ import annotations

import numpy as np
import pytest

from sonoedge import Frame, FrameMeta, Reason
from sonoedge.frame_values import capture_time, value_fault

PIXELS = np.zeros((4, 4), dtype=np.uint8)


@pytest.mark.parametrize("captured", [None, "now", 1.5, float("nan"), True, 1 << 63, [1]])
def test_a_capture_time_that_is_no_whole_number_is_named(captured: object) -> None:
    frame = Frame(pixels=PIXELS, captured_ns=captured)  # type: ignore[arg-type]
    assert capture_time(frame) is None
    fault = value_fault(frame)
    assert fault is not None
    assert fault[0] is Reason.CAPTURE_TIME_INVALID
    assert "time.monotonic_ns()" in fault[1]


@pytest.mark.parametrize(
    "values",
    [
        {"probe": "L" * 300_000},
        {"preset": 7},
        {"depth_mm": "40"},
        {"gain_db": float("nan")},
        {"frozen": "no"},
    ],
)
def test_metadata_of_the_wrong_kind_is_named_and_never_quoted(values: dict[str, object]) -> None:
    fault = value_fault(Frame(pixels=PIXELS, meta=FrameMeta(**values)))  # type: ignore[arg-type]
    assert fault is not None
    assert fault[0] is Reason.METADATA_INVALID
    assert next(iter(values)) in fault[1]
    assert len(fault[1]) < 200


def test_metadata_that_is_none_at_all_is_named() -> None:
    fault = value_fault(Frame(pixels=PIXELS, meta={"probe": "L12"}))  # type: ignore[arg-type]
    assert fault is not None
    assert fault[0] is Reason.METADATA_INVALID


def test_numbers_of_numpy_are_numbers() -> None:
    meta = FrameMeta(probe="L12", depth_mm=np.float32(40), frozen=np.bool_(False))  # type: ignore[arg-type]
    frame = Frame(pixels=PIXELS, captured_ns=np.int64(5), meta=meta)  # type: ignore[arg-type]
    assert value_fault(frame) is None
    assert capture_time(frame) == 5
