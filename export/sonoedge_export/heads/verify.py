"""Does a head's graph answer like its estimator, and alike on every variant's regions?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sonoedge.bundle.heads import INPUT, OUTPUT
from sonoedge.errors import GateFailed
from sonoedge.runtime import Runtime, runtime_class
from sonoedge_export.evaluation.metrics import auroc
from sonoedge_export.heads.fit import Fitted
from sonoedge_export.heads.rows import LAST, Floats, Rows

MOST_DIFFERENCE: Final = 1e-4  # of a probability: float32 cancels in a kernel's distances
MOST_P50: Final = 0.01
MOST_P99: Final = 0.12
MOST_AUROC: Final = 0.005


def load_head(model: bytes) -> Runtime:
    """The engine that a device runs a head on: ONNX Runtime, one thread.

    Raises:
        MissingDependency, EngineFailed: as `sonoedge.runtime.RuntimeClass`.
    """
    return runtime_class("onnxruntime")(model, precision="fp32", threads=1)


def ask_head(engine: Runtime, measures: npt.NDArray[np.float32]) -> Floats:
    """Probabilities of malignant, float64 (n,), a row at a time as a device asks."""
    answers = [engine.infer({INPUT: row[None]})[OUTPUT] for row in measures]
    return np.array([answer[0, 1] for answer in answers], dtype=np.float64)


def check_graph(name: str, head: Fitted, model: bytes, measures: npt.NDArray[np.float32]) -> float:
    """The largest difference of a probability between graph and estimator.

    Args:
        measures: float32 (n, N) of every region that chose.

    Raises:
        GateFailed: it is above 1e-4, or no number: the graph is not the estimator, as one with
            its classes swapped.
    """
    engine = load_head(model)
    try:
        difference = np.abs(ask_head(engine, measures) - head.probabilities(measures))
    finally:
        engine.close()
    largest = float(difference.max())
    if not largest <= MOST_DIFFERENCE:
        raise GateFailed(
            f"head {name}: its graph differs from the estimator by up to {largest:.2g}, allowed "
            f"{MOST_DIFFERENCE:g}; nothing was written"
        )
    return largest


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A head on the regions of one variant against those of the reference, frame by frame.

    Attributes:
        frames: that both found a region in.
        p50, p99, largest: of the absolute difference of probability.
        auroc, reference_auroc: a missed lesion ranked last; None where a class is missing.
    """

    frames: int
    p50: float
    p99: float
    largest: float
    auroc: float | None
    reference_auroc: float | None

    @property
    def why_not(self) -> str | None:
        """What keeps the head from speaking on this variant; None where nothing does."""
        if self.frames == 0:
            return "no frame has a region on both engines"
        if not (self.p50 <= MOST_P50 and self.p99 <= MOST_P99):
            return (
                f"its probability moves by {self.p50:.3f} (p50), {self.p99:.3f} (p99); allowed "
                f"{MOST_P50:g} and {MOST_P99:g}"
            )
        if self.auroc is not None and self.reference_auroc is not None:
            lost = self.reference_auroc - self.auroc
            if lost > MOST_AUROC:
                return f"it loses {lost:.3f} of AUROC; allowed {MOST_AUROC:g}"
        return None

    def figures(self) -> Mapping[str, Any]:
        """As verification.json holds them."""
        return {
            "frames": self.frames,
            "p50": round(self.p50, 6),
            "p99": round(self.p99, 6),
            "largest": round(self.largest, 6),
            "auroc": None if self.auroc is None else round(self.auroc, 6),
        }


def agreement(reference: Rows, reference_p: Floats, other: Rows, other_p: Floats) -> Agreement:
    """A head's answers on two engines' regions of the same frames.

    Args:
        reference, other: one row per frame, the same frames in the same order.
        reference_p, other_p: the head's probability for each row that was found.
    """
    a, b = reference.scores(reference_p), other.scores(other_p)
    both = (a != LAST) & (b != LAST)
    difference = np.abs(a - b)[both]
    p50, p99 = np.percentile(difference, [50, 99]) if both.any() else (1.0, 1.0)
    return Agreement(
        frames=int(both.sum()),
        p50=float(p50),
        p99=float(p99),
        largest=float(difference.max(initial=0.0)),
        auroc=auroc(b, other.malignant),
        reference_auroc=auroc(a, reference.malignant),
    )
