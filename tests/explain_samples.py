"""An engine whose suspicion is known to hang on one corner of the picture."""

from __future__ import annotations

import numpy as np

from sonoedge.analysis import Analysed, Origin
from sonoedge.explain.deletion import Deletion
from sonoedge.explain.methods import Map
from sonoedge.explain.question import Question, patches
from sonoedge.explain.report import Explained
from sonoedge.explain.target import Target
from sonoedge.frames import Frame
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.runtime import Tensors, TensorSpec

SPEC = PostprocessSpec(labels=("benign", "malignant"), positive=("malignant",))
BOX = (8, 0, 72, 64)  # the rest of the input is padding


class Corner:
    """The probability is the contrast within rows 8 to 24 and columns 16 to 32 of the input."""

    inputs = (TensorSpec(name="frame", dtype="uint8", shape=(1, 1, 64, 80)),)
    outputs = (TensorSpec(name="class_probs", dtype="float32", shape=(1, 2)),)

    def __init__(self, *, noise: float = 0.0, contrast: float = 1.0) -> None:
        self._rng, self._noise, self._contrast = np.random.default_rng(0), noise, contrast
        self.padding: set[int] = set()

    def infer(self, tensors: Tensors) -> Tensors:
        picture = tensors["frame"][0, 0].astype(float)
        self.padding |= {int(picture[:, :8].max()), int(picture[:, 72:].max())}
        value = self._contrast * picture[8:24, 16:32].std() / 128
        value = float(np.clip(value + self._noise * self._rng.normal(), 0, 1))
        return {"class_probs": np.array([[1 - value, value]], dtype=np.float32)}

    def close(self) -> None:
        pass


def question(engine: Corner) -> Question:
    tensor = np.zeros((1, 1, 64, 80), np.uint8)
    rng = np.random.default_rng(1)
    tensor[0, 0, :, 8:72] = rng.integers(0, 2, (64, 64)) * 255
    return Question(engine, tensor, BOX, Target(spec=SPEC, graded_by="class_probs"))


def explained(weights: tuple[float, float, float, float]) -> Explained:
    """An even frame of 40 x 40 pixels, and a drawn map of four patches over it."""
    origin = Origin(bundle_id="b", engine_sha256="0", runtime="r", precision="p", variant="v")
    result = Analysed(
        frame_id=0, captured_ns=0, age_ms=1.0, stages_ms={}, origin=origin, regions=(),
        class_probs={},
    )  # fmt: skip
    return Explained(
        frame=Frame(pixels=np.full((40, 40), 90, np.uint8)),
        result=result,
        method="occlusion",
        made=Map(segments=patches((20, 20), 4), weights=np.array(weights)),
        deletion=Deletion(figure=0.3, chance=0.01),
        box_px=(0, 0, 40, 40),
        suspicion=0.9,
        calls=60,
    )
