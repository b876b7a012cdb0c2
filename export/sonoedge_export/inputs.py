"""What an export reads before it computes anything: which variants, and their frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sonoedge.errors import InvalidData
from sonoedge_export.candidates.earlier import Earlier
from sonoedge_export.data.calibration import CalibrationFrames, calibration_frames
from sonoedge_export.data.evaluation_set import evaluation_sets, joined
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.progress import Stages
from sonoedge_export.recipe.recipe import Recipe
from sonoedge_export.recipe.variants import VARIANTS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inputs:
    """Variants to build, and frames.

    Attributes:
        variants: their ids, in the table's order.
        sets: the frames that variants are judged on, per file; `frames` are all of them.
        held_back: those of [operating_point], per file; None takes `sets`.
        calibration: None where nothing is quantized.
    """

    variants: tuple[str, ...]
    sets: Sequence[Labelled]
    frames: Labelled
    held_back: Sequence[Labelled] | None
    calibration: CalibrationFrames | None


def read_inputs(
    recipe: Recipe, earlier: Earlier | None, stages: Stages, *, rank_layers: bool
) -> Inputs:
    """Read all frames.

    Args:
        rank_layers: calibration frames are needed even where no variant is quantized.

    Raises:
        InvalidData: frames cannot be read, or the earlier export holds no variant that the
            recipe asks for.
        InvalidCalibration: calibration frames are missing or would mislead.
    """
    variants = _variants(recipe, earlier)
    files, labels, table = recipe.files, recipe.postprocess.labels, recipe.operating_point
    sets = evaluation_sets(files.evaluation, recipe.data.split, labels)
    held_back = None
    if table is not None:
        held_back = evaluation_sets(files.operating_point, table.split, labels)
    frames, calibration = joined(sets), None
    if rank_layers or any(VARIANTS[name].dialect != "float" for name in variants):
        with stages.stage("calibration frames"):
            calibration = calibration_frames(
                recipe.calibration,
                files.calibration,
                spec=recipe.input,
                guard=recipe.guard,
                evaluation=frames,
            )
    return Inputs(
        variants=variants, sets=sets, frames=frames, held_back=held_back, calibration=calibration
    )


def _variants(recipe: Recipe, earlier: Earlier | None) -> tuple[str, ...]:
    if earlier is None:
        return recipe.wanted
    variants = tuple(name for name in recipe.wanted if name in earlier.variants)
    if not variants:
        raise InvalidData("there is no earlier latency of any variant that the recipe asks for")
    return variants
