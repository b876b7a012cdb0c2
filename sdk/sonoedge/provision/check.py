"""Does an engine answer, on this device, as it did when the bundle was verified?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sonoedge.bundle import Bundle, Variant
from sonoedge.device.record import Check
from sonoedge.engines.golden import differences, tolerance_of
from sonoedge.engines.golden_regions import DECIDED
from sonoedge.processing.classification import graded_regions
from sonoedge.processing.geometry import Geometry
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.processing.preprocess import Preprocess
from sonoedge.runtime import Runtime, Tensors

# Of the regions as verified and the engine's, over all golden frames together.
LEAST_DICE: Final = 0.95


def check(engine: Runtime, bundle: Bundle, variant: Variant) -> tuple[Check, list[str]]:
    """Ask the golden frames, and judge the answers twice: as numbers, and as flags.

    Both are compared with the variant's golden answers, which were verified on labelled
    frames at export. The numbers must lie within its tolerance. Through the same
    postprocessing as live frames, every decided frame must be flagged alike, and the
    regions must overlap.

    Returns:
        the figures, and what was wrong; nothing was where that is empty.
    """
    manifest = bundle.manifest
    preprocess = Preprocess(manifest.preprocess)
    name = engine.inputs[0].name
    verified = [answer.outputs for answer in bundle.golden_answers(variant)]
    pictures = bundle.golden_frames()
    largest: dict[str, float] = {spec.name: 0.0 for spec in manifest.outputs}
    actual, reference = [], []
    masks: list[tuple[int, int, int]] = []
    for picture, expected in zip(pictures, verified, strict=True):
        tensor, geometry = preprocess(picture)
        answer = engine.infer({name: tensor})
        for output, difference in differences(answer, expected).items():
            largest[output] = max(largest[output], difference)
        hw = (picture.shape[0], picture.shape[1])
        if largest["lesion_map" if "lesion_map" in largest else "class_probs"] == float("inf"):
            continue  # of another shape or kind: nothing more can be compared
        actual.append(_suspicion(manifest.postprocess, answer, geometry, hw))
        reference.append(_suspicion(manifest.postprocess, expected, geometry, hw))
        masks.append(_overlap(manifest.postprocess, answer, expected, geometry))
    limits = {
        spec.name: tolerance_of(spec.name, np.dtype(spec.dtype), variant.tolerance)
        for spec in manifest.outputs
    }
    figures = _figures(actual, reference, masks, manifest.postprocess.flag_threshold)
    result = Check(
        frames=len(pictures),
        largest={k: (v if np.isfinite(v) else -1.0) for k, v in largest.items()},
        allowed=limits,
        **figures,
    )
    return result, _problems(result, largest, limits)


def _problems(result: Check, largest: dict[str, float], limits: dict[str, float]) -> list[str]:
    problems = [
        f"{name} is off by {largest[name]:.3g}, allowed {limits[name]:.3g}"
        for name in sorted(limits)
        if not largest[name] <= limits[name]
    ]
    if result.decided_agree is not None and result.decided_agree < 1:
        problems.append(
            f"{result.decided_agree:.1%} of {result.decided} decided golden frames are flagged "
            "as at export, all must be"
        )
    if result.dice < LEAST_DICE:
        problems.append(
            f"regions overlap those at export by {result.dice:.3f} (Dice), at least "
            f"{LEAST_DICE} is required"
        )
    return problems


def _figures(
    actual: Sequence[float],
    reference: Sequence[float],
    masks: Sequence[tuple[int, int, int]],
    threshold: float,
) -> dict[str, Any]:
    """Figures of a check.

    Args:
        actual, reference: suspicion per frame, of this engine and as verified.
        masks: cells per frame: of this engine, as verified, of both.
    """
    alike = [(a >= threshold) == (b >= threshold) for a, b in zip(actual, reference, strict=True)]
    decided = [
        same for same, b in zip(alike, reference, strict=True) if abs(b - threshold) >= DECIDED
    ]
    cells = sum(a + b for a, b, _ in masks)
    return {
        "flags_agree": sum(alike) / len(alike) if alike else 0.0,
        "decided": len(decided),
        "decided_agree": sum(decided) / len(decided) if decided else None,
        "dice": 2 * sum(both for _, _, both in masks) / cells if cells else float(bool(masks)),
        "with_regions": sum(b > 0 for _, b, _ in masks),
    }


def _suspicion(
    spec: PostprocessSpec, tensors: Tensors, geometry: Geometry, hw: tuple[int, int]
) -> float:
    """The most suspicious region's; 0 where there is none."""
    frame_regions = graded_regions(spec, tensors, geometry, hw)
    return max((region.suspicion for region in frame_regions), default=0.0)


def _overlap(
    spec: PostprocessSpec, actual_tensors: Tensors, reference_tensors: Tensors, geometry: Geometry
) -> tuple[int, int, int]:
    a, b = (_cells(spec, t, geometry) for t in (actual_tensors, reference_tensors))
    return int(a.sum()), int(b.sum()), int((a & b).sum())


def _cells(spec: PostprocessSpec, tensors: Tensors, geometry: Geometry) -> npt.NDArray[np.bool_]:
    """Where the map reaches the lesion threshold, within the picture; no cell without a map."""
    if "lesion_map" not in tensors:
        return np.zeros((0, 0), dtype=bool)
    lesion = tensors["lesion_map"][0, 0]
    u0, v0, u1, v1 = geometry.placed_in_map((lesion.shape[0], lesion.shape[1]))
    inside: npt.NDArray[np.bool_] = np.asarray(lesion[v0:v1, u0:u1] >= spec.level)
    return inside
