from __future__ import annotations

import dataclasses
import threading
from typing import Any

import cv2
import numpy as np
import pytest

from sonoedge import describing
from sonoedge.analysis import Region
from sonoedge.describing import Describer
from sonoedge.description import Described, Description, NotDescribed, NotDescribedReason
from sonoedge.frames import Frame, FrameMeta
from sonoedge.guard import GuardSettings
from sonoedge.measure import MeasureSettings
from sonoedge.processing.geometry import Roi
from sonoedge.processing.preprocess import PreprocessSpec

SPEC = PreprocessSpec(height=64, width=96)
WORDED = MeasureSettings(words="breast")


def speckle(height: int = 256, width: int = 384) -> np.ndarray:
    noise = np.random.default_rng(0).integers(90, 190, (height, width)).astype(np.uint8)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 1.5), dtype=np.uint8)


def region_at(x: int, y: int, radius: int) -> Region:
    t = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    points = np.rint(np.stack([x + radius * np.cos(t), y + radius * np.sin(t)], axis=1))
    return Region(
        contour_px=points.astype(np.int32),
        box_px=(x - radius, y - radius, x + radius + 1, y + radius + 1),
        area_px=1.0,
        area_mm2=None,
        box_mm=None,
        suspicion=0.5,
        class_probs={},
        flagged=True,
    )


def describe(frame: Any, region: Any, settings: MeasureSettings = WORDED) -> Description:
    return Describer(settings, SPEC, GuardSettings())(frame, region)


def reason(description: Description) -> NotDescribedReason:
    assert isinstance(description, NotDescribed)
    return description.reason


def test_a_region_is_measured_and_put_into_words() -> None:
    described = describe(Frame(pixels=speckle()), region_at(190, 110, 40))
    assert isinstance(described, Described)
    assert len(described.measures.names) == 121
    assert described.sentence.startswith("Outline oval")
    plain = describe(Frame(pixels=speckle()), region_at(190, 110, 40), MeasureSettings())
    assert isinstance(plain, Described)
    assert plain.words == ()
    assert plain.sentence == ""


def test_colour_frames_are_measured_as_grey() -> None:
    grey = speckle()
    one = describe(Frame(pixels=grey), region_at(190, 110, 40))
    other = describe(Frame(pixels=np.repeat(grey[:, :, None], 3, axis=2)), region_at(190, 110, 40))
    assert isinstance(one, Described)
    assert isinstance(other, Described)
    assert np.array_equal(one.measures.values, other.measures.values)


EDGES = {
    "left": (35, 110),
    "right": (348, 110),
    "above": (190, 35),
    "below": (190, 220),
}


@pytest.mark.parametrize("edge", EDGES)
def test_each_edge_of_the_picture_is_said_where_it_stops_a_measurement(edge: str) -> None:
    described = describe(Frame(pixels=speckle()), region_at(*EDGES[edge], 30))
    assert isinstance(described, Described)
    said = "not measurable" in described.sentence
    assert said == (edge == "below")  # beside one side there is still the other
    missing = {"left": (), "right": (), "above": ("margin.above_contrast",)}
    if edge in missing:
        assert described.measures.not_measured == missing[edge]


def test_the_picture_ends_where_the_region_of_interest_does() -> None:
    spec = dataclasses.replace(SPEC, roi=Roi(x0=0, y0=0, x1=384, y1=155))
    describer = Describer(WORDED, spec, GuardSettings())
    described = describer(Frame(pixels=speckle()), region_at(190, 110, 40))
    assert isinstance(described, Described)
    assert "margin.posterior" in described.measures.not_measured


@pytest.mark.req("R84")
@pytest.mark.parametrize(
    ("frame", "token"),
    [
        (Frame(pixels=np.zeros((256, 384), np.uint8)), "CONSTANT"),
        (Frame(pixels=speckle().astype(np.float32)), "WRONG_DTYPE"),  # type: ignore[arg-type]
        (Frame(pixels=np.empty((0, 0), np.uint8)), "EMPTY"),
        (Frame(pixels=speckle(), spacing_mm=(float("nan"), 0.1)), "SPACING_INVALID"),
        (Frame(pixels=speckle(), meta=FrameMeta(invalid="cut")), "FRAME_INVALID"),
        (Frame(pixels=speckle(), meta={}), "METADATA_INVALID"),  # type: ignore[arg-type]
    ],
)
def test_a_frame_that_is_not_fit_is_not_described(frame: Frame, token: str) -> None:
    description = describe(frame, region_at(190, 110, 40))
    assert reason(description) is NotDescribedReason.FRAME_NOT_ANALYSED
    assert isinstance(description, NotDescribed)
    assert description.detail.startswith(token)


def test_a_picture_that_stands_still_is_described_again() -> None:
    describer = Describer(WORDED, SPEC, GuardSettings())
    frame = Frame(pixels=speckle())
    for _ in range(3):
        assert isinstance(describer(frame, region_at(190, 110, 40)), Described)


@pytest.mark.parametrize(
    ("region", "token"),
    [
        (region_at(190, 110, 1), "REGION_TOO_SMALL"),
        (region_at(380, 110, 40), "REGION_INVALID"),
        (None, "REGION_INVALID"),
        (
            dataclasses.replace(region_at(190, 110, 9), contour_px=np.zeros((2, 2), np.int32)),
            "REGION_INVALID",
        ),
        (
            dataclasses.replace(region_at(190, 110, 9), contour_px=np.full((9, 2), np.nan)),
            "REGION_INVALID",
        ),
    ],
)
def test_a_region_that_cannot_be_measured_says_why(region: Any, token: str) -> None:
    assert reason(describe(Frame(pixels=speckle()), region)).value == token


@pytest.mark.parametrize("frame", [None, "frame", 3])
def test_what_is_no_frame_never_raises(frame: Any) -> None:
    assert reason(describe(frame, region_at(190, 110, 40))) is NotDescribedReason.INTERNAL_ERROR


def test_what_goes_wrong_within_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(describing, "measure", fail)
    description = describe(Frame(pixels=speckle()), region_at(190, 110, 40))
    assert reason(description) is NotDescribedReason.INTERNAL_ERROR
    assert isinstance(description, NotDescribed)
    assert "secret" not in description.detail


def test_many_threads_may_describe_at_once() -> None:
    describer = Describer(WORDED, SPEC, GuardSettings())
    frame, region = Frame(pixels=speckle()), region_at(190, 110, 40)
    expected = describer(frame, region)
    assert isinstance(expected, Described)
    others: list[Description] = []
    threads = [
        threading.Thread(target=lambda: others.append(describer(frame, region))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(others) == 6
    for each in others:
        assert isinstance(each, Described)
        assert np.array_equal(each.measures.values, expected.measures.values)
