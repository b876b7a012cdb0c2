"""A recording is analysed by its own clock: a busy machine changes no result."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sonoedge import Analysed, Analyser, Frame, GuardSettings, NotAnalysed, Origin, Reason
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.processing.preprocess import PreprocessSpec
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.runtime import Tensors, TensorSpec
from sonoedge.sources import from_array

ORIGIN = Origin(bundle_id="b", engine_sha256="0", runtime="null", precision="fp32", variant="v")


class DarkSpots:
    """An engine that marks what is darker than 60."""

    inputs = (TensorSpec(name="frame", dtype="uint8", shape=(1, 1, 96, 96)),)
    outputs = (TensorSpec(name="lesion_map", dtype="uint8", shape=(1, 1, 96, 96)),)

    def infer(self, tensors: Tensors) -> Tensors:
        return {"lesion_map": np.where(tensors["frame"] < 60, np.uint8(240), np.uint8(0))}

    def close(self) -> None:
        pass


def opened() -> Analyser:
    return Analyser(
        DarkSpots(),
        preprocess=PreprocessSpec(height=96, width=96, pad_value=128),
        postprocess=PostprocessSpec(
            labels=("benign", "malignant"), positive=("malignant",), min_area_input_px=16
        ),
        guard=GuardSettings(air_structure=None),
        origin=ORIGIN,
        tracking=TrackingSettings(),
    )


def moving(count: int) -> np.ndarray:
    pictures = np.random.default_rng(0).integers(120, 150, (count, 96, 96), dtype=np.uint8)
    pictures[:, 30:60, 30:60] = 10
    return pictures


def analyses(pictures: np.ndarray, *, fps: float, reading_s: float) -> list[Any]:
    """Read at `reading_s` a picture, by a clock of this machine that is set by hand."""
    analyser = opened()
    return [
        analyser.analyse(replace(frame, captured_ns=round(index * reading_s * 1e9)))
        for index, frame in enumerate(from_array(pictures, fps=fps))
    ]


@pytest.mark.req("R72")
def test_a_machine_that_pauses_for_seconds_changes_no_flag() -> None:
    quick, slow = (analyses(moving(12), fps=30, reading_s=s) for s in (0.001, 2.0))
    flags = [a.temporal_flag for a in quick]
    assert any(flags)
    assert [a.temporal_flag for a in slow] == flags


@pytest.mark.req("R72")
@pytest.mark.parametrize("reading_s", [0.001, 1.0])
def test_a_still_picture_freezes_by_the_recordings_clock(reading_s: float) -> None:
    still = np.repeat(moving(1), 45, axis=0)
    outcomes = analyses(still, fps=30, reading_s=reading_s)
    assert [isinstance(a, Analysed) for a in outcomes] == [True] * 15 + [False] * 30
    assert all(a.reasons == (Reason.FRAME_FROZEN,) for a in outcomes[15:])


def test_the_age_still_counts_on_this_machines_clock() -> None:
    frame = next(iter(from_array(moving(2), fps=1e-6)))
    assert 0 <= opened().analyse(frame).age_ms < 60_000


def test_a_recorded_time_that_is_none_is_an_outcome() -> None:
    frame = Frame(pixels=moving(1)[0], recorded_ns=0.5)  # type: ignore[arg-type]
    outcome = opened().analyse(frame)
    assert isinstance(outcome, NotAnalysed)
    assert outcome.reasons == (Reason.CAPTURE_TIME_INVALID,)
