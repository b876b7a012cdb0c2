"""Analyses made by hand, and what is collected from them."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.analysis import Analysed, NotAnalysed, Origin, Reason, Region
from sonoedge.report.collection import Collection
from sonoedge.report.findings import Algorithm

ORIGIN = Origin(
    bundle_id="breast-1.0-0123abcd",
    engine_sha256="ab" * 32,
    runtime="onnxruntime",
    precision="fp32",
    variant="onnxruntime-fp32",
)
ALGORITHM = Algorithm(
    name="breast", version="1.0", origin=ORIGIN, threshold=0.5, of_cancer=True, breast=True
)


def ellipse(x: int, y: int, a: int = 20, b: int = 12, points: int = 40) -> npt.NDArray[np.int32]:
    """A contour, int32 (N, 2)."""
    turns = np.linspace(0, 2 * np.pi, points, endpoint=False)
    ring = np.stack([x + a * np.cos(turns), y + b * np.sin(turns)], axis=1)
    return np.rint(ring).astype(np.int32)


def region_at(x: int, y: int, suspicion: float, **changes: Any) -> Region:
    contour = changes.pop("contour_px", ellipse(x, y))
    x0, y0, w, h = cv2.boundingRect(contour)
    values: dict[str, Any] = {
        "contour_px": contour,
        "box_px": (x0, y0, x0 + w, y0 + h),
        "area_px": 700.0,
        "area_mm2": 28.0,
        "box_mm": (w * 0.2, h * 0.2),
        "suspicion": suspicion,
        "class_probs": {"malignant": suspicion},
        "flagged": suspicion >= 0.5,
        "track_id": 0,
        "track_flagged": False,
    }
    return Region(**(values | changes))


def analysed(*regions: Region, **changes: Any) -> Analysed:
    values: dict[str, Any] = {
        "frame_id": 0,
        "captured_ns": 0,
        "age_ms": 0.0,
        "stages_ms": {},
        "origin": ORIGIN,
        "regions": regions,
        "class_probs": {},
        "temporal_flag": False,
    }
    return Analysed(**(values | changes))


def refused(reason: Reason = Reason.NO_CONTACT) -> NotAnalysed:
    return NotAnalysed(
        frame_id=0, captured_ns=0, age_ms=0.0, stages_ms={}, origin=ORIGIN, reasons=(reason,)
    )


def collection(frames: int, **changes: Any) -> Collection:
    values: dict[str, Any] = {"frames": frames, "passes": 1, "followed": frames > 1}
    return Collection(ALGORITHM, **(values | changes))
