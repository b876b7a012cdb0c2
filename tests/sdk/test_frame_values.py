"""What a frame says of itself is checked before anything counts on it."""

from __future__ import annotations

from typing import Any

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


@pytest.mark.req("R41")
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


@pytest.mark.parametrize(
    "wrong",
    [
        *[(1.0,), (0.1, 0.1, 0.1), 0.1, "ab", ("a", "b"), (None, 0.1), [[1, 2], 3]],
        *[np.zeros((2, 2)), (10**400, 0.1), object()],
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_spacing_that_is_no_pair_of_numbers_is_named(wrong: Any) -> None:
    fault = value_fault(Frame(pixels=PIXELS, spacing_mm=wrong))
    assert fault is not None
    assert fault[0] is Reason.SPACING_INVALID
    assert fault[1].startswith("spacing_mm must be two numbers (rows, columns), not ")
    assert len(fault[1]) < 200


@pytest.mark.parametrize("wrong", ["wide", (1, 1), 10**400])
def test_a_pixel_aspect_that_is_no_number_is_named(wrong: Any) -> None:
    fault = value_fault(Frame(pixels=PIXELS, pixel_aspect=wrong))
    assert fault is not None
    assert fault[0] is Reason.SPACING_INVALID
    assert "pixel_aspect must be a number" in fault[1]


def test_a_spacing_of_numpys_numbers_is_taken() -> None:
    spacing: Any = np.array([0.1, 0.2], np.float32)
    assert value_fault(Frame(pixels=PIXELS, spacing_mm=spacing)) is None
