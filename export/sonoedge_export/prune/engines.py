"""The engines that candidates are timed on: any variant that runs here, int8 ones too."""

from __future__ import annotations

import functools
import io
from collections.abc import Iterable

from sonoedge.errors import InvalidSettings
from sonoedge.runtime import Runtime
from sonoedge_export.candidates.int8 import Quantizer
from sonoedge_export.candidates.model import float_model
from sonoedge_export.data.calibration import calibration_frames
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.graph.build import Graph
from sonoedge_export.progress import Stages
from sonoedge_export.prune.slimmed_candidate import Open
from sonoedge_export.quantize.layers import float_layers, prepared
from sonoedge_export.recipe.recipe import Recipe
from sonoedge_export.recipe.variants import VARIANTS


def check_timed(names: Iterable[str]) -> None:
    """Candidates can be timed on each of these variants.

    Raises:
        InvalidSettings: there is no such variant, or it has no engine on this machine.
    """
    timed = [name for name, row in VARIANTS.items() if not (row.on_device or row.pruned)]
    for name in names:
        if name not in VARIANTS:
            raise InvalidSettings(f"prune.on: {name!r}; allowed: {', '.join(timed)}")
        if name not in timed:
            raise InvalidSettings(
                f"prune.on: candidates cannot be timed on {name}; take an unpruned variant that "
                f"runs on this machine: {', '.join(timed)}"
            )


def engines(recipe: Recipe, frames: Labelled) -> Open:
    """Opens a variant over a candidate's graph.

    An int8 variant is quantized as export does it, from the recipe's calibration frames, for
    ONNX Runtime in the form that the recipe names, or as Q/DQ. Accuracy is not looked at: what
    counts is how long the integer layers take.

    Args:
        frames: those that the variants will be judged on; none of them may calibrate.

    The function given back raises

    InvalidSettings: there is no such variant, or it has no engine on this machine.
    InvalidCalibration: int8 without usable calibration frames.
    MissingDependency, RuntimeUnavailable, EngineFailed: the engine cannot run here.
    """

    @functools.cache
    def quantizer() -> Quantizer:
        calibration = calibration_frames(
            recipe.calibration,
            recipe.files.calibration,
            spec=recipe.input,
            guard=recipe.guard,
            evaluation=frames,
        )
        assert recipe.calibration is not None
        return Quantizer(
            settings=recipe.quantize,
            calibration=recipe.calibration,
            tensors=calibration.tensors,
            timer=None,
            stages=Stages(io.StringIO()),
        )

    def open(name: str, graph: Graph) -> Runtime:
        check_timed([name])
        row = VARIANTS[name]
        if row.dialect == "float":
            return float_model(name, graph.onnx).load()
        ready = prepared(graph.onnx)
        return quantizer().model(name, ready, float_layers(recipe.quantize, ready)).load()

    return open
