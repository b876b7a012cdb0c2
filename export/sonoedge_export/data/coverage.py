"""What the calibration frames span, against the frames that judge."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.processing.preprocess import Preprocess, PreprocessSpec
from sonoedge_export.data.labelled import Entry

Pixels = npt.NDArray[np.uint8]

BINS: Final = 16  # of 16 grey levels each
OUTSIDE: Final = 0.1  # from this share of the frames on, a warning is due ...
CHANCE: Final = 4.0  # ... or from this over n + 1: of alike frames, 2 / (n + 1) lie outside
SLACK: Final = 0.1  # of the span, on either side of it
MISSED: Final = 0.02  # the same, of a device or a kind of spacing that calibration lacks


def coverage(
    calibration: Sequence[Entry], evaluation: Sequence[Entry], spec: PreprocessSpec
) -> dict[str, Any]:
    """Both sets' spans, and warnings where evaluation lies outside calibration's.

    Grey levels and sharpness are of the picture as the network gets it, without padding.
    """
    preprocess = Preprocess(spec)
    given = [_measured(e, preprocess) for e in calibration]
    judged = [_measured(e, preprocess) for e in evaluation]
    spans: dict[str, Any] = {}
    warnings = []
    for name in MEASURES:
        have, need = _known(given, name), _known(judged, name)
        spans[name] = {"calibration": _span(have), "evaluation": _span(need)}
        warnings += _outside(name, have, need)
    devices = {"calibration": _devices(calibration), "evaluation": _devices(evaluation)}
    warnings += _unseen(devices["calibration"], devices["evaluation"], len(evaluation))
    return {
        "frames": {"calibration": len(calibration), "evaluation": len(evaluation)},
        "grey_histogram": {
            "bins": BINS,
            "calibration": _histogram(calibration, preprocess),
            "evaluation": _histogram(evaluation, preprocess),
        },
        "spans": spans,
        "devices": devices,
        "warnings": warnings,
    }


def _sharpness(picture: Pixels) -> float:
    """Variance of the Laplacian (Pech-Pacheco et al. 2000): low where a picture is blurred."""
    return float(cv2.Laplacian(picture, cv2.CV_32F).var())


MEASURES: Final[Mapping[str, Callable[[Pixels], float]]] = {
    "grey_mean": lambda p: float(p.mean()),
    "grey_p5": lambda p: float(np.percentile(p, 5)),
    "grey_p95": lambda p: float(np.percentile(p, 95)),
    "sharpness": _sharpness,
    "spacing_mm": lambda p: float("nan"),  # not of the picture: see `_measured`
    "depth_mm": lambda p: float("nan"),
}


def _measured(entry: Entry, preprocess: Preprocess) -> dict[str, float]:
    picture = _picture(entry, preprocess)
    values = {name: measure(picture) for name, measure in MEASURES.items()}
    if entry.spacing_mm is not None:
        values["spacing_mm"] = entry.spacing_mm[0]
        values["depth_mm"] = entry.spacing_mm[0] * entry.pixels().shape[0]
    return values


def _picture(entry: Entry, preprocess: Preprocess) -> Pixels:
    tensor, geometry = preprocess(entry.pixels(), aspect=entry.pixel_aspect)
    x0, y0, x1, y1 = geometry.placed_px
    return tensor[0, 0, y0:y1, x0:x1]


def _known(rows: Sequence[Mapping[str, float]], name: str) -> list[float]:
    return [row[name] for row in rows if np.isfinite(row[name])]


def _span(values: Sequence[float]) -> dict[str, float] | None:
    if not values:
        return None
    levels = np.percentile(values, [0, 5, 50, 95, 100])
    names = ("smallest", "p5", "median", "p95", "largest")
    return {n: round(float(v), 4) for n, v in zip(names, levels, strict=True)}


def _outside(name: str, have: Sequence[float], need: Sequence[float]) -> list[str]:
    if not need:
        return []
    if not have:
        return [f"{name} is known of {len(need)} evaluation frames and of no calibration frame"]
    low, high = min(have), max(have)
    slack = SLACK * (high - low)
    out = [v for v in need if not low - slack <= v <= high + slack]
    if len(out) <= max(OUTSIDE, CHANCE / (len(have) + 1)) * len(need):
        return []
    return [
        f"{name} of {len(out)} of {len(need)} evaluation frames lies outside what the calibration "
        f"frames span ({low:.4g} to {high:.4g}; evaluation {min(need):.4g} to {max(need):.4g})"
    ]


def _devices(entries: Sequence[Entry]) -> dict[str, int]:
    names = sorted({e.device for e in entries if e.device is not None})
    return {name: sum(e.device == name for e in entries) for name in names}


def _unseen(have: Mapping[str, int], need: Mapping[str, int], frames: int) -> list[str]:
    return [
        f"{count} of {frames} evaluation frames come from {name}, no calibration frame does"
        for name, count in need.items()
        if name not in have and count > MISSED * frames
    ]


def _histogram(entries: Sequence[Entry], preprocess: Preprocess) -> list[float]:
    total = np.zeros(BINS)
    for entry in entries:
        counts, _ = np.histogram(_picture(entry, preprocess), bins=BINS, range=(0, 256))
        total += counts / counts.sum()
    return [round(float(v), 5) for v in total / max(1, len(entries))]
