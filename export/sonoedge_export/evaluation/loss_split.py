"""What is lost between training and the device: by preprocessing, and by compression.

The reference variant is asked the same frames twice: as training preprocessed them, and as the
device does. What lies between is preprocessing's; what lies between the reference and another
variant, both on the device's input, is compression's. Postprocessing is the device's in all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from sonoedge.analyser import Analyser
from sonoedge.bundle import Gates, Manifest
from sonoedge.errors import EngineFailed
from sonoedge.processing.preprocess import Preprocess
from sonoedge.runtime import Runtime, Tensors
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.data.train_transform import Transform, compare_transform, training_levels
from sonoedge_export.evaluation.answers import Answers
from sonoedge_export.evaluation.outcomes import evaluate
from sonoedge_export.evaluation.results import Results, measure
from sonoedge_export.gates.change import judge_change
from sonoedge_export.progress import Stages


class TrainingInput:
    """An engine that gets each frame as training preprocessed it.

    Args:
        engine: takes uint8 [1, 1, H, W].
        levels: by the device's tensor's bytes, the grey levels in its place.
    """

    def __init__(self, engine: Runtime, levels: Mapping[bytes, npt.NDArray[np.uint8]]) -> None:
        self._engine, self._levels = engine, levels
        self.inputs, self.outputs = engine.inputs, engine.outputs

    def infer(self, tensors: Tensors) -> Tensors:
        """Run once on training's levels.

        Raises:
            EngineFailed: the engine failed, or this frame is none of those prepared.
        """
        name = self.inputs[0].name
        levels = self._levels.get(tensors[name].tobytes())
        if levels is None:
            raise EngineFailed("this frame was not prepared as training does")
        return self._engine.infer({name: levels})

    def close(self) -> None:
        """Give the engine back."""
        self._engine.close()


def as_trained(
    analyser: Analyser, manifest: Manifest, transform: Transform, data: Labelled, stages: Stages
) -> Results:
    """The reference's results on frames as training preprocessed them.

    Args:
        analyser: of the reference variant; it is closed.
        transform: as `compare_transform`.

    Raises:
        InvalidData: the transform does not give the network's input.
    """
    compared = compare_transform(manifest.preprocess, transform, data)
    preprocess, levels = Preprocess(manifest.preprocess), {}
    for entry in data:
        pixels = entry.pixels()
        ours = preprocess(pixels, aspect=entry.pixel_aspect)[0]
        theirs = training_levels(transform, pixels, compared, ours.shape, entry.image.name)
        levels[ours.tobytes()] = theirs
    engine = TrainingInput(analyser.engine, levels)
    other = Analyser(
        engine,
        preprocess=manifest.preprocess,
        postprocess=manifest.postprocess,
        guard=manifest.guard,
        origin=analyser.origin,
    )
    with stages.stage("reference on training's input") as progress, analyser:
        answers = Answers(outcomes=evaluate(other, data, progress))
    return measure(answers, None, manifest.postprocess)


def loss_split(
    limits: Gates, trained: Results, reference: Results, variants: Mapping[str, Results]
) -> dict[str, Any]:
    """What each step lost, with paired intervals, by the gates' limits.

    Args:
        trained: the reference variant on training's input.
        reference: the same on the device's input.
        variants: the others on the device's input, by id.
    """
    return {
        "preprocessing": judge_change(limits, reference, trained).figures(),
        "compression": {
            name: judge_change(limits, results, reference).figures()
            for name, results in variants.items()
        },
    }
