"""Streams of made-up frames, and an engine that answers what it is told."""

from __future__ import annotations

import cv2
import numpy as np

from sonoedge.frames import Frame, FrameMeta
from sonoedge.runtime import Tensors, TensorSpec

LABELS = ("benign", "malignant", "other")
MAP_HW = (48, 64)
SHAPES: dict[str, tuple[int, ...]] = {
    "lesion_map": (1, 1, *MAP_HW),
    "malignancy_map": (1, 1, *MAP_HW),
    "class_probs": (1, len(LABELS)),
}
DTYPES = {"lesion_map": "uint8", "malignancy_map": "uint8", "class_probs": "float32"}


class Scripted:
    """A runtime that answers what it is told, and keeps what it was asked."""

    def __init__(self, names: tuple[str, ...], input_hw: tuple[int, int]) -> None:
        self.inputs = (TensorSpec(name="frame", dtype="uint8", shape=(1, 1, *input_hw)),)
        self.outputs = tuple(
            TensorSpec(name=name, dtype=DTYPES[name], shape=SHAPES[name]) for name in names
        )
        self.maps: Tensors = {}
        self.asked: np.ndarray | None = None

    def infer(self, tensors: Tensors) -> Tensors:
        self.asked = tensors["frame"][0, 0].copy()  # type: ignore[assignment]
        return self.maps

    def close(self) -> None:
        """Nothing is held."""


class Stream:
    """Lesions that wander, come and go, in front of a scanner that is changed now and then."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.places = self.rng.uniform(5, 60, (int(self.rng.integers(1, 7)), 2))
        self.now = 0
        self.meta = FrameMeta(probe="linear", depth_mm=40.0)
        self.spacing: tuple[float, float] | None = (0.1, 0.1)
        self.hw = (120, 160)
        self.last: Frame | None = None

    def frame(self) -> Frame:
        rng = self.rng
        steps = (33_333_333,) * 8 + (0, -1, 999_999_999, 1_000_000_000, 1_000_000_001)
        self.now += int(rng.choice(steps)) if rng.random() < 0.2 else 33_333_333
        kind = int(rng.integers(60))
        if kind == 0:
            self.meta = FrameMeta(probe=str(rng.choice(("linear", "curvé"))), preset="breast")
        elif kind == 1:
            self.meta = FrameMeta(probe="linear", depth_mm=float(rng.choice((40.0, 60.0))))
        elif kind == 2:
            self.spacing = None if rng.random() < 0.5 else (0.1, float(rng.choice((0.1, 0.2))))
        elif kind == 3:
            self.hw = (int(rng.integers(60, 200)), int(rng.integers(60, 200)))
        pixels = rng.integers(20, 200, self.hw, dtype=np.uint8)
        if kind == 4:
            pixels[:] = rng.integers(0, 256)
        meta = FrameMeta(frozen=True) if kind == 5 else self.meta
        roi = (0, 0, 0, 0) if kind == 6 else (3, 5, 150, 100) if rng.random() < 0.02 else None
        if kind in (7, 8) and self.last is not None:
            self.now += 600_000_000
            pixels = self.last.pixels
        self.last = Frame(
            pixels=np.dstack([pixels] * 3) if rng.random() < 0.1 and pixels.ndim == 2 else pixels,
            captured_ns=self.now,
            spacing_mm=self.spacing,
            roi_px=roi,
            meta=meta,
        )
        return self.last

    def maps(self, names: tuple[str, ...]) -> Tensors:
        rng = self.rng
        self.places += rng.normal(0, 0.8, self.places.shape)
        lesion, grades = np.zeros(MAP_HW, np.uint8), rng.integers(0, 60, MAP_HW, dtype=np.uint8)
        for x, y in self.places:
            if rng.random() < 0.8:
                centre, radius = (int(x) % 64, int(y) % 48), int(rng.integers(2, 9))
                cv2.circle(lesion, centre, radius, (int(rng.integers(100, 256)),), -1)
                cv2.circle(grades, centre, radius, (int(rng.integers(60, 256)),), -1)
        probs = rng.dirichlet((1.0, 2.0, 0.4)).astype(np.float32)[None]
        lesion = np.asarray(cv2.GaussianBlur(lesion, (0, 0), 1.0), np.uint8)
        made = {
            "lesion_map": lesion[None, None],
            "malignancy_map": grades[None, None],
            "class_probs": probs,
        }
        return {name: made[name] for name in names}
