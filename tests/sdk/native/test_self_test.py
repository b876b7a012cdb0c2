from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from native_streams import LABELS, Stream
from sonoedge.bundle.golden import GoldenAnswer, GoldenRegions
from sonoedge.frame_path import PathSettings
from sonoedge.guard import GuardSettings
from sonoedge.native.library import load
from sonoedge.native.path import NativePath, NativePaths
from sonoedge.native.self_test import answers_alike
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.processing.preprocess import PreprocessSpec
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.runtime import TensorSpec

SETTINGS = PathSettings(
    preprocess=PreprocessSpec(height=96, width=128),
    postprocess=PostprocessSpec(labels=LABELS, positive=("malignant",), min_area_input_px=20.0),
    guard=GuardSettings(),
    tracking=TrackingSettings(),
)
OUTPUTS = (TensorSpec(name="lesion_map", dtype="uint8", shape=(1, 1, 48, 64)),)


def alike(path: NativePath) -> bool:
    stream = Stream(1)
    pictures = [stream.rng.integers(20, 200, (100, 140), dtype=np.uint8) for _ in range(4)]
    nothing = GoldenRegions(regions=(), flagged=False)
    answers = [GoldenAnswer(outputs=stream.maps(("lesion_map",)), expected=nothing) for _ in "abcd"]
    return answers_alike(path, SETTINGS, pictures, answers)


@pytest.fixture
def path(native_file: Path) -> NativePath:
    return NativePaths(load(native_file), SETTINGS, OUTPUTS).path()


def test_both_paths_answer_alike(path: NativePath) -> None:
    assert alike(path)


@pytest.mark.parametrize("step", ["judge", "fill", "picture", "track"])
def test_another_answer_is_found_out_at_each_step(
    path: NativePath, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: Any = getattr(path, step)

    def other(*words: Any) -> Any:
        answer = made(*words)
        if step in ("judge", "fill"):
            return "BLACK"
        return answer ^ 1 if step == "picture" else (answer[0][1:], answer[1])

    monkeypatch.setattr(NativePath, step, lambda _, *words: other(*words))
    assert not alike(path)


def test_other_settings_than_its_own_are_found_out(native_file: Path) -> None:
    library: ctypes.CDLL = load(native_file)
    paths = NativePaths(library, SETTINGS, OUTPUTS)
    paths.settings.postprocess.lesion_threshold = 0.6
    assert not alike(paths.path())
