"""An analyser around engines whose answers are written by the test."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from typing import Any, Literal

import cv2
import numpy as np
import pytest

from sonoedge import Analysed, Analyser, Frame, GuardSettings, NotAnalysed, Origin, Reason
from sonoedge.errors import InvalidSettings
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.processing.preprocess import PreprocessSpec
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.runtime import Tensors, TensorSpec

ORIGIN = Origin(bundle_id="b", engine_sha256="0", runtime="null", precision="fp32", variant="v")


@pytest.fixture(autouse=True)
def _both_paths(frame_path: Literal["python", "native"], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is asked here is answered alike by both frame paths."""
    monkeypatch.setattr(
        sys.modules[__name__], "ORIGIN", dataclasses.replace(ORIGIN, frame_path=frame_path)
    )


GUARD = GuardSettings(air_structure=None, frozen_after_ms=None)


class Answers:
    """An engine that answers by a function of its input."""

    inputs = (TensorSpec(name="frame", dtype="uint8", shape=(1, 1, 96, 96)),)

    def __init__(self, answer: Callable[[np.ndarray], Tensors]) -> None:
        self._answer = answer
        self.outputs = tuple(
            TensorSpec(name=name, dtype=str(value.dtype), shape=value.shape)
            for name, value in answer(np.zeros((1, 1, 96, 96), np.uint8)).items()
        )

    def infer(self, tensors: Tensors) -> Tensors:
        return self._answer(tensors["frame"])

    def close(self) -> None:
        pass


def dark_spots(pixels: np.ndarray) -> Tensors:
    """A network that marks what is darker than 60."""
    return {"lesion_map": np.where(pixels < 60, np.uint8(240), np.uint8(0))}


def brightness(pixels: np.ndarray) -> Tensors:
    """A network that classifies alone: the brighter, the more malignant."""
    malignant = float(pixels.mean()) / 255
    return {"class_probs": np.array([[1 - malignant, malignant]], np.float32)}


def analyser(
    answer: Callable[[np.ndarray], Tensors],
    *,
    guard: GuardSettings = GUARD,
    tracking: TrackingSettings | None = None,
    explain: bool = False,
) -> Analyser:
    return Analyser(
        Answers(answer),
        preprocess=PreprocessSpec(height=96, width=96, pad_value=128),
        postprocess=PostprocessSpec(
            labels=("benign", "malignant"), positive=("malignant",), min_area_input_px=16
        ),
        guard=guard,
        origin=ORIGIN,
        tracking=tracking,
        explain=explain,
    )


def spot(spacing_mm: tuple[float, float]) -> Frame:
    """A round dark spot of 10 mm, 18 mm from the left and 14 mm deep, in 40 x 30 mm."""
    high, wide = spacing_mm
    y, x = np.mgrid[0 : round(30 / high), 0 : round(40 / wide)]
    inside = np.hypot((x + 0.5) * wide - 18, (y + 0.5) * high - 14) < 5
    pixels = np.where(inside, 10, 130).astype(np.uint8)
    pixels[::7, ::5] += 9
    return Frame(pixels=pixels, spacing_mm=spacing_mm)


@pytest.mark.parametrize("spacing_mm", [(0.1, 0.1), (0.1, 0.04), (0.05, 0.2)])
def test_a_round_lesion_is_answered_alike_through_pixels_of_any_shape(
    spacing_mm: tuple[float, float],
) -> None:
    high, wide = spacing_mm
    frame = spot(spacing_mm)
    result = analyser(dark_spots).analyse(frame)
    assert isinstance(result, Analysed)
    (region,) = result.regions
    assert region.area_mm2 == pytest.approx(np.pi * 25, rel=0.1)
    mask = np.zeros(frame.pixels.shape, np.uint8)
    cv2.fillPoly(mask, [region.contour_px], 1)
    truth = frame.pixels < 60
    shared = np.count_nonzero(mask.astype(bool) & truth)
    assert shared / np.count_nonzero(mask.astype(bool) | truth) > 0.9
    x0, y0, x1, y1 = region.box_px
    assert ((x0 + x1) / 2 * wide, (y0 + y1) / 2 * high) == pytest.approx((18, 14), abs=0.5)


@pytest.mark.req("R8")
def test_a_scale_that_no_picture_has_is_not_believed_and_says_what_it_would_give() -> None:
    frame = spot((0.1, 0.1))
    wrong = Frame(pixels=frame.pixels, spacing_mm=(2.29, 2.29))
    result = analyser(dark_spots).analyse(wrong)
    assert isinstance(result, NotAnalysed)
    assert result.reasons == (Reason.SPACING_INVALID,)
    assert "687 mm over the picture's 300 rows" in result.detail


@pytest.mark.parametrize(
    ("values", "reason", "words"),
    [
        ({"spacing_mm": (0.1,)}, Reason.SPACING_INVALID, "two numbers (rows, columns)"),
        ({"pixels": np.zeros((96, 96))}, Reason.WRONG_DTYPE, "pixels are float64"),
        ({"pixels": np.zeros((9, 9, 9), np.uint8)}, Reason.WRONG_SHAPE, "(9, 9, 9)"),
        ({"pixels": np.zeros((9, 99), np.uint8)}, Reason.WRONG_ASPECT, "11 times as wide as high"),
    ],
)
def test_a_frame_that_the_guard_stops_says_what_is_wrong_with_it(
    values: dict[str, Any], reason: Reason, words: str
) -> None:
    result = analyser(dark_spots).analyse(Frame(**({"pixels": spot((0.1, 0.1)).pixels} | values)))
    assert isinstance(result, NotAnalysed)
    assert result.reasons == (reason,)
    assert words in result.detail


def test_a_network_that_classifies_alone_flags_the_frame_and_knows_of_no_region() -> None:
    judge = analyser(brightness)
    assert not judge.localises
    for level, flagged in ((100, False), (200, True)):
        pixels = np.full((96, 96), level, np.uint8)
        pixels[::7, ::5] += 9
        result = judge.analyse(Frame(pixels=pixels))
        assert isinstance(result, Analysed)
        assert result.grade is not None
        assert result.flagged is result.grade.flagged is flagged
        assert result.suspicion == pytest.approx(level / 255, abs=0.02)
        assert result.regions == ()
        assert not result.localised


def test_a_networks_regions_grade_the_frame_where_it_localises() -> None:
    result = analyser(dark_spots).analyse(spot((0.1, 0.1)))
    assert isinstance(result, Analysed)
    assert result.localised
    assert result.grade is None
    assert result.suspicion == result.regions[0].suspicion


def test_the_temporal_flag_goes_up_without_localisation_too() -> None:
    judge = analyser(brightness, tracking=TrackingSettings(raise_frames=3, window_frames=4))
    flags = []
    for _ in range(4):
        pixels = np.full((96, 96), 200, np.uint8)
        pixels[::7, ::5] += 9
        result = judge.analyse(Frame(pixels=pixels))
        assert isinstance(result, Analysed)
        assert result.regions == ()
        flags.append(result.temporal_flag)
    assert flags == [False, False, True, True]


def test_without_a_map_nothing_is_explained() -> None:
    pixels = np.full((96, 96), 200, np.uint8)
    pixels[::7, ::5] += 9
    result = analyser(brightness, explain=True).analyse(Frame(pixels=pixels))
    assert isinstance(result, Analysed)
    assert result.explanation is None


def test_an_engine_that_gives_neither_map_nor_probabilities_is_refused() -> None:
    with pytest.raises(InvalidSettings, match="neither lesion_map nor class_probs"):
        analyser(lambda pixels: {"other": np.zeros((1, 2), np.float32)})
