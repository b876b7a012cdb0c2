from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from sonoedge.frame_path import PathSettings
from sonoedge.guard import GuardSettings
from sonoedge.native.coverage import not_covered
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.processing.preprocess import PreprocessSpec
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.runtime import TensorSpec

SETTINGS = PathSettings(
    preprocess=PreprocessSpec(height=96, width=128),
    postprocess=PostprocessSpec(labels=("a", "b"), positive=("b",)),
    guard=GuardSettings(),
    tracking=TrackingSettings(),
)
INPUTS = (TensorSpec(name="frame", dtype="uint8", shape=(1, 1, 96, 128)),)
MAP = TensorSpec(name="lesion_map", dtype="uint8", shape=(1, 1, 48, 64))
GRADES = dataclasses.replace(MAP, name="malignancy_map")
PROBS = TensorSpec(name="class_probs", dtype="float32", shape=(1, 2))
FINITE = TensorSpec(name="finite", dtype="uint8", shape=(1,))
FURTHER = TensorSpec(name="embedding", dtype="float16", shape=(1, 7))


@pytest.mark.parametrize("outputs", [(MAP,), (MAP, GRADES, PROBS, FINITE), (PROBS, FURTHER)])
def test_what_bundles_have_is_covered(outputs: tuple[TensorSpec, ...]) -> None:
    assert not_covered(SETTINGS, INPUTS, outputs) == ""


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"preprocess": PreprocessSpec(height=96, width=128, interpolation="area")}, "'area'"),
        ({"preprocess": PreprocessSpec(height=96, width=96)}, "the network's input"),
        (
            {"postprocess": PostprocessSpec(labels=tuple(map(str, range(65))), positive=("1",))},
            "more than 64 labels",
        ),
        (
            {"postprocess": PostprocessSpec(labels=("a",), positive=("a",), geometry="line")},
            "geometry 'line'",
        ),
        ({"postprocess": PostprocessSpec(labels=("a\0", "b"), positive=("b",))}, "no text"),
        ({"postprocess": PostprocessSpec(labels=("a\udc80", "b"), positive=("b",))}, "no text"),
        ({"guard": GuardSettings(max_side_px=1 << 20)}, "max_side_px"),
        ({"tracking": TrackingSettings(lost_after_frames=1 << 63)}, "64 bits"),
    ],
)
def test_what_c_would_take_otherwise_is_not(changes: dict[str, Any], why: str) -> None:
    assert why in not_covered(dataclasses.replace(SETTINGS, **changes), INPUTS, (MAP,))


@pytest.mark.parametrize(
    "output",
    [
        dataclasses.replace(MAP, dtype="float32"),
        dataclasses.replace(MAP, shape=(1, 2, 48, 64)),
        dataclasses.replace(MAP, shape=(48, 64)),
        dataclasses.replace(MAP, shape=(1, 1, 48, 1 << 20)),
        dataclasses.replace(PROBS, dtype="float64"),
        dataclasses.replace(PROBS, shape=(1, 3)),
        dataclasses.replace(FINITE, shape=(2,)),
    ],
)
def test_tensors_that_it_would_misread_are_not(output: TensorSpec) -> None:
    assert not_covered(SETTINGS, INPUTS, (output,)) == f"the output {output.name}"


def test_maps_of_two_sizes_are_not() -> None:
    larger = dataclasses.replace(GRADES, shape=(1, 1, 96, 128))
    assert not_covered(SETTINGS, INPUTS, (MAP, larger)) == "maps of different sizes"
