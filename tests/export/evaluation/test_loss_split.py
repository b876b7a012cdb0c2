"""Two causes of a loss, each made on purpose, are told apart."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from sonoedge.errors import EngineFailed
from sonoedge.runtime import TensorSpec
from sonoedge_export.evaluation.loss_split import TrainingInput
from sonoedge_export.progress import Stages
from sonoedge_export.verify import verify_bundle

pytest.importorskip("openvino", reason="needs OpenVINO, for a second variant")
TINY = Path(__file__).parents[2] / "data" / "tiny"


def resized(pixels: np.ndarray) -> Any:
    """As the device does but for its letterbox: these frames have the input's shape."""
    return cv2.resize(pixels, (96, 64), interpolation=cv2.INTER_AREA) / 255


def upside_down(pixels: np.ndarray) -> Any:
    """A mistake of preprocessing that finds every lesion in another place."""
    return np.flipud(resized(pixels))


def loss(workplace: Path, transform: Callable[[Any], Any]) -> Any:
    frames = workplace / "frames/frames.json"
    stages = Stages(io.StringIO())
    return verify_bundle(TINY, frames, None, None, stages, transform=transform)["loss"]


def test_with_trainings_own_preprocessing_nothing_is_lost(workplace: Path) -> None:
    split = loss(workplace, resized)
    assert set(split["compression"]) == {"openvino-fp32"}
    for figures in (split["preprocessing"], split["compression"]["openvino-fp32"]):
        assert abs(figures["dice_drop"]["measured"]) < 0.05
        assert figures["flag_agreement"]["measured"] == 1.0


def test_a_loss_of_preprocessing_is_not_put_down_to_compression(workplace: Path) -> None:
    split = loss(workplace, upside_down)
    # The device is right here and training was not: what it gives up is negative.
    assert split["preprocessing"]["dice_drop"]["measured"] < -0.2
    assert abs(split["compression"]["openvino-fp32"]["dice_drop"]["measured"]) < 0.01


class Engine:
    """Answers with what it was given."""

    inputs = (TensorSpec(name="frame", dtype="uint8", shape=(1, 1, 1, 2)),)
    outputs = (TensorSpec(name="same", dtype="uint8", shape=(1, 1, 1, 2)),)

    def infer(self, tensors: Any) -> Any:
        return {"same": tensors["frame"]}

    def close(self) -> None:
        pass


def test_a_frame_that_was_not_prepared_is_an_error_and_no_answer() -> None:
    device, training = np.zeros((1, 1, 1, 2), np.uint8), np.ones((1, 1, 1, 2), np.uint8)
    engine = TrainingInput(Engine(), {device.tobytes(): training})
    assert (engine.infer({"frame": device})["same"] == training).all()
    with pytest.raises(EngineFailed, match="not prepared"):
        engine.infer({"frame": training})
