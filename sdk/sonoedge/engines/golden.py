"""Does the engine, as loaded here, answer what it answered when it was verified?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sonoedge.bundle.manifest import Tolerance
from sonoedge.errors import GoldenMismatch
from sonoedge.processing.postprocess import FINITE
from sonoedge.processing.preprocess import Pixels, Preprocess
from sonoedge.runtime import Runtime, Tensors


def differences(answer: Tensors, expected: Tensors) -> dict[str, float]:
    """Largest absolute difference per tensor; maps in levels of 255.

    Infinite where shapes or types differ, values are not finite, or the flag `finite` differs.
    """
    out = {}
    for name, want in expected.items():
        got = answer.get(name)
        if got is None or got.shape != want.shape or got.dtype != want.dtype:
            out[name] = float("inf")
            continue
        if name == FINITE and (got != want).any():
            out[name] = float("inf")
            continue
        apart = np.abs(got.astype(np.float64) - want.astype(np.float64))
        out[name] = float(apart.max()) if np.isfinite(apart).all() else float("inf")
    return out


def allowed(name: str, dtype: npt.DTypeLike, tolerance: Tolerance) -> float:
    """The tolerance that holds for a tensor of this name and dtype; a flag has none."""
    if name == FINITE:
        return 0.0
    return float(tolerance.map_levels) if np.dtype(dtype) == np.uint8 else tolerance.probs


def check_golden(
    runtime: Runtime,
    preprocess: Preprocess,
    frames: Sequence[Pixels],
    answers: Sequence[Tensors],
    tolerance: Tolerance,
) -> None:
    """Run the golden frames through preprocessing and engine and compare.

    Raises:
        GoldenMismatch: an answer lies outside the tolerance.
    """
    name = runtime.inputs[0].name
    for number, (pixels, expected) in enumerate(zip(frames, answers, strict=True)):
        tensor, _ = preprocess(pixels)
        for output, apart in differences(runtime.infer({name: tensor}), expected).items():
            limit = allowed(output, expected[output].dtype, tolerance)
            if apart > limit:
                raise GoldenMismatch(
                    f"golden frame {number}: {output} is off by {apart:.3g}, allowed {limit:.3g}; "
                    "this engine must not be used here: update the runtime or export again"
                )
