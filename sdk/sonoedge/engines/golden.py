"""Does the engine, as loaded here, answer what it answered when it was verified?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sonoedge.bundle.golden import GoldenAnswer, GoldenRegions, golden_regions
from sonoedge.bundle.manifest import Tolerance
from sonoedge.engines.golden_regions import flag_difference, settings_difference
from sonoedge.errors import GoldenMismatch, InvalidSettings
from sonoedge.processing.classification import graded_regions
from sonoedge.processing.geometry import Geometry
from sonoedge.processing.postprocess import (
    FINITE,
    PostprocessSpec,
    frame_probs,
    out_of_scope,
)
from sonoedge.processing.preprocess import Pixels, Preprocess
from sonoedge.runtime import Runtime, Tensors


def differences(answer: Tensors, expected: Tensors) -> dict[str, float]:
    """Largest absolute difference per tensor; maps in levels of 255.

    Infinite where shapes or types differ, values are not finite, or the flag `finite` differs.
    """
    out = {}
    for name, reference in expected.items():
        value = answer.get(name)
        if value is None or value.shape != reference.shape or value.dtype != reference.dtype:
            out[name] = float("inf")
            continue
        if name == FINITE and (value != reference).any():
            out[name] = float("inf")
            continue
        difference = np.abs(value.astype(np.float64) - reference.astype(np.float64))
        out[name] = float(difference.max()) if np.isfinite(difference).all() else float("inf")
    return out


def tolerance_of(name: str, dtype: npt.DTypeLike, tolerance: Tolerance) -> float:
    """The tolerance that holds for a tensor: of a map, of a probability, or none for the rest."""
    if name.endswith("_map"):
        return float(tolerance.map_levels)
    return tolerance.probs if np.dtype(dtype).kind == "f" else 0.0


def ask_golden(
    runtime: Runtime, preprocess: Preprocess, postprocess: PostprocessSpec, frames: Sequence[Pixels]
) -> list[GoldenAnswer]:
    """An engine's answers to golden frames, through the device's own code.

    Args:
        frames: uint8, (H, W) or (H, W, 3).
    """
    name = runtime.inputs[0].name
    answers = []
    for pixels in frames:
        tensor, geometry = preprocess(pixels)
        outputs = {k: v.copy() for k, v in runtime.infer({name: tensor}).items()}
        expected = _regions(postprocess, outputs, geometry, pixels)
        answers.append(GoldenAnswer(outputs=outputs, expected=expected))
    return answers


def check_golden(
    runtime: Runtime,
    preprocess: Preprocess,
    postprocess: PostprocessSpec,
    frames: Sequence[Pixels],
    answers: Sequence[GoldenAnswer],
    tolerance: Tolerance,
) -> None:
    """Run the golden frames through preprocessing, engine and postprocessing, and compare.

    The engine's outputs must lie within the tolerance, and raise the flags that were raised at
    export, where they were decided. The golden outputs themselves must give the golden regions:
    settings changed after export would not.

    Args:
        frames: uint8, (H, W) or (H, W, 3).
        answers: what is expected, one per frame.

    Raises:
        GoldenMismatch: an answer lies outside the tolerance, or flags and regions are not those
            at export.
    """
    name = runtime.inputs[0].name
    for number, (pixels, golden) in enumerate(zip(frames, answers, strict=True)):
        try:
            tensor, geometry = preprocess(pixels)
        except InvalidSettings as error:
            raise GoldenMismatch(f"golden frame {number}: {error}; export it again") from None
        changes = settings_difference(
            golden.expected,
            _regions(postprocess, golden.outputs, geometry, pixels),
            postprocess.flag_threshold,
        )
        if not changes and out_of_scope(postprocess, frame_probs(postprocess, golden.outputs)):
            changes = "a frame out of scope"
        if changes:
            raise GoldenMismatch(
                f"golden frame {number}: the bundle's settings give {changes}, other than at "
                "export; export it again"
            )
        answer = runtime.infer({name: tensor})
        for output, difference in differences(answer, golden.outputs).items():
            limit = tolerance_of(output, golden.outputs[output].dtype, tolerance)
            if difference > limit:
                raise GoldenMismatch(
                    f"golden frame {number}: {output} is off by {difference:.3g}, allowed "
                    f"{limit:.3g}; this engine must not be used here: update the runtime or "
                    "export again"
                )
        flag_changes = flag_difference(
            golden.expected,
            _regions(postprocess, answer, geometry, pixels),
            postprocess.flag_threshold,
        )
        if flag_changes:
            raise GoldenMismatch(
                f"golden frame {number}: {flag_changes}; this engine must not be used here: "
                "update the runtime or export again"
            )


def _regions(
    spec: PostprocessSpec, outputs: Tensors, geometry: Geometry, pixels: Pixels
) -> GoldenRegions:
    hw = (pixels.shape[0], pixels.shape[1])
    return golden_regions(graded_regions(spec, outputs, geometry, hw))
