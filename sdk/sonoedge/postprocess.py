"""From a network's maps to regions in source pixels.

This is the only implementation: verification, live use and benchmarks all call
it. Threshold and contours are found at the map's own resolution; each contour
point is then moved along the map's slope to where it crosses the threshold, so
that a contour is finer than the map's cells.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.analysis import Region
from sonoedge.errors import InvalidSettings
from sonoedge.geometry import Geometry
from sonoedge.runtime import Tensors

Map = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostprocessSpec:
    """How maps become regions.

    Attributes:
        labels: the classes' names; `class_probs` comes in this order.
        positive: those of the labels that make a region suspicious.
        lesion_threshold: probability from which a map's cell belongs to a region.
        min_area_input_px: smaller regions are dropped; square pixels of the
            network's input.
        max_regions: at most so many, the largest.
        flag_threshold: suspicion from which a region is flagged (operating point).
    """

    labels: tuple[str, ...]
    positive: tuple[str, ...]
    lesion_threshold: float = 0.5
    min_area_input_px: float = 64.0
    max_regions: int = 16
    flag_threshold: float = 0.5

    def __post_init__(self) -> None:
        if len(set(self.labels)) != len(self.labels) or not self.labels:
            raise InvalidSettings("labels must be one or more different names")
        if not self.positive or not set(self.positive) <= set(self.labels):
            raise InvalidSettings(f"positive must be some of labels: {', '.join(self.labels)}")
        if not 0 < self.lesion_threshold < 1:
            raise InvalidSettings("lesion_threshold must be between 0 and 1")
        if not 0 < self.flag_threshold < 1:
            raise InvalidSettings("flag_threshold must be between 0 and 1")
        if self.min_area_input_px < 0 or not 1 <= self.max_regions <= 256:
            raise InvalidSettings("min_area_input_px must be >= 0, max_regions 1 to 256")

    @property
    def level(self) -> int:
        """The map's level from which a cell belongs to a region, 1 to 255."""
        return max(1, math.ceil(self.lesion_threshold * 255))


def frame_probs(spec: PostprocessSpec, tensors: Tensors) -> dict[str, float]:
    """The frame's probability per label; empty where the network gives none."""
    probs = tensors.get("class_probs")
    if probs is None:
        return {}
    return {name: float(p) for name, p in zip(spec.labels, probs[0], strict=True)}


def regions(
    spec: PostprocessSpec,
    tensors: Tensors,
    geometry: Geometry,
    *,
    source_hw: tuple[int, int],
    spacing_mm: tuple[float, float] | None = None,
) -> tuple[Region, ...]:
    """The regions of one frame, most suspicious first.

    Args:
        tensors: `lesion_map` uint8 [1, 1, h, w], probability x 255; optionally
            `malignancy_map` uint8 [1, 1, h, w] and `class_probs` float32 [1, C].
        geometry: from source to input, as preprocessing gave it.
        source_hw: (height, width) of the frame.
        spacing_mm: (rows, columns) millimetres per source pixel, or None.
    """
    lesion: Map = tensors["lesion_map"][0, 0]
    u0, v0, u1, v1 = geometry.placed_in_map((lesion.shape[0], lesion.shape[1]))
    inside = lesion[v0:v1, u0:u1]
    mask = (inside >= spec.level).view(np.uint8)
    count, marks, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count < 2:
        return ()
    cell = (geometry.input_hw[0] * geometry.input_hw[1]) / lesion.size
    kept = [
        i
        for i in 1 + np.argsort(-stats[1:, cv2.CC_STAT_AREA], kind="stable")
        if stats[i, cv2.CC_STAT_AREA] * cell >= spec.min_area_input_px
    ]
    malignancy = tensors.get("malignancy_map")
    graded = None if malignancy is None else malignancy[0, 0, v0:v1, u0:u1]
    whole = frame_probs(spec, tensors)
    found = []
    for i in kept[: spec.max_regions]:
        x, y, w, h = (int(n) for n in stats[i, :4])
        part = marks[y : y + h, x : x + w] == i
        probs = whole
        if graded is not None:
            probs = _graded(spec, float(graded[y : y + h, x : x + w][part].mean()) / 255.0)
        if probs:
            suspicion = min(1.0, sum(probs[name] for name in spec.positive))
        else:
            suspicion = float(inside[y : y + h, x : x + w][part].mean()) / 255.0
        contour = _contour(inside, part, (x, y), spec.level)
        points = geometry.to_source(contour + (u0, v0), (lesion.shape[0], lesion.shape[1]))
        found.append(_region(spec, points, source_hw, spacing_mm, suspicion, probs))
    return tuple(sorted(found, key=lambda region: -region.suspicion))


def _graded(spec: PostprocessSpec, malignancy: float) -> dict[str, float]:
    """A region's own probabilities: the grade, shared among the positive labels."""
    rest = [n for n in spec.labels if n not in spec.positive and n != "normal"]
    probs = dict.fromkeys(spec.labels, 0.0)
    for names, share in ((spec.positive, malignancy), (rest, 1.0 - malignancy)):
        for name in names:
            probs[name] = share / len(names)
    return probs


def _contour(
    inside: Map, part: npt.NDArray[np.bool_], at: tuple[int, int], level: int
) -> npt.NDArray[np.float64]:
    """The longest outline of a component, in cells, at the threshold's crossing."""
    outlines, _ = cv2.findContours(
        part.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE, offset=at
    )
    cells = max(outlines, key=len)[:, 0, :]
    x, y = cells[:, 0], cells[:, 1]
    h, w = inside.shape
    here = inside[y, x].astype(np.float64)
    fall = np.zeros((len(cells), 2))
    for axis, (before, after) in enumerate(
        (
            (inside[y, np.maximum(x - 1, 0)], inside[y, np.minimum(x + 1, w - 1)]),
            (inside[np.maximum(y - 1, 0), x], inside[np.minimum(y + 1, h - 1), x]),
        )
    ):
        lower = np.minimum(before, after)
        fall[:, axis] = np.maximum(here - lower, 0) * np.where(after == lower, 1, -1)
    steep = np.maximum(np.hypot(fall[:, 0], fall[:, 1]), 1e-6)
    reach = np.clip((here - (level - 0.5)) / steep, 0.0, 1.0)
    reach[steep < 1.0] = 0.5
    moved: npt.NDArray[np.float64] = cells + fall * (reach / steep)[:, None]
    return moved


def _region(
    spec: PostprocessSpec,
    points: npt.NDArray[np.float64],
    source_hw: tuple[int, int],
    spacing_mm: tuple[float, float] | None,
    suspicion: float,
    probs: Mapping[str, float],
) -> Region:
    height, width = source_hw
    limit = (width - 1, height - 1)
    contour = np.clip(np.rint(points), 0, limit).astype(np.int32)
    x0, y0, w, h = cv2.boundingRect(contour)
    area = float(cv2.contourArea(points.astype(np.float32)))
    area_mm2 = box_mm = None
    if spacing_mm is not None:
        rows, columns = spacing_mm
        area_mm2, box_mm = area * rows * columns, (w * columns, h * rows)
    return Region(
        contour_px=contour,
        box_px=(x0, y0, x0 + w, y0 + h),
        area_px=area,
        area_mm2=area_mm2,
        box_mm=box_mm,
        suspicion=suspicion,
        class_probs=dict(probs),
        flagged=suspicion >= spec.flag_threshold,
    )
