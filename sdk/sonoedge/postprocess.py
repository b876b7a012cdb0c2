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
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.analysis import Region
from sonoedge.errors import InvalidSettings
from sonoedge.geometry import Geometry
from sonoedge.runtime import Tensors
from sonoedge.subcell import Crossing, Map

Outline = npt.NDArray[np.int32]  # (N, 1, 2), as OpenCV gives outlines


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
        out_of_scope: that of the labels which says that the frame shows something else
            than the network was made for; None where the network cannot tell.
        scope_threshold: probability of that label from which a frame is not analysed.
    """

    labels: tuple[str, ...]
    positive: tuple[str, ...]
    lesion_threshold: float = 0.5
    min_area_input_px: float = 64.0
    max_regions: int = 16
    flag_threshold: float = 0.5
    out_of_scope: str | None = None
    scope_threshold: float = 0.5

    def __post_init__(self) -> None:
        if len(set(self.labels)) != len(self.labels) or not self.labels:
            raise InvalidSettings("labels must be one or more different names")
        if not self.positive or not set(self.positive) <= set(self.labels):
            raise InvalidSettings(f"positive must be some of labels: {', '.join(self.labels)}")
        if self.out_of_scope in self.positive or self.out_of_scope not in (None, *self.labels):
            raise InvalidSettings("out_of_scope must be one of labels, and not of positive")
        if not 0 < self.scope_threshold <= 1:
            raise InvalidSettings("scope_threshold must be above 0, at most 1")
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
    return dict(zip(spec.labels, probs[0].tolist(), strict=True))


def out_of_scope(spec: PostprocessSpec, tensors: Tensors) -> float | None:
    """The probability of being out of scope, where it has reached the threshold; else None.

    A network without `class_probs` cannot tell: then it is None always.
    """
    if spec.out_of_scope is None:
        return None
    away = frame_probs(spec, tensors).get(spec.out_of_scope, 0.0)
    return away if away >= spec.scope_threshold else None


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
    map_hw = (lesion.shape[0], lesion.shape[1])
    u0, v0, u1, v1 = geometry.placed_in_map(map_hw)
    inside = np.ascontiguousarray(lesion[v0:v1, u0:u1])
    outlines = _outlines(spec, inside, geometry.input_hw[0] * geometry.input_hw[1] / lesion.size)
    if not outlines:
        return ()
    malignancy = tensors.get("malignancy_map")
    graded = None if malignancy is None else np.asarray(malignancy[0, 0, v0:v1, u0:u1], np.uint8)
    whole = frame_probs(spec, tensors)
    crossing = Crossing(inside, spec.level)
    found = []
    for outline in outlines:
        probs = whole
        if graded is not None:
            probs = _graded(spec, _mean_inside(graded, outline))
        if probs:
            suspicion = min(1.0, sum([probs[name] for name in spec.positive]))
        else:
            suspicion = _mean_inside(inside, outline)
        cells = crossing(outline[:, 0])
        cells += (u0, v0)
        points = geometry.to_source(cells, map_hw)
        found.append(_region(spec, points, source_hw, spacing_mm, suspicion, probs))
    if len(found) > 1:
        found.sort(key=lambda region: -region.suspicion)
    return tuple(found)


def _outlines(spec: PostprocessSpec, inside: Map, cell: float) -> list[Outline]:
    """The outer outlines of the connected parts at the threshold, the largest first.

    Args:
        cell: square pixels of the input that one cell of the map stands for.
    """
    _, mask = cv2.threshold(inside, spec.level - 1, 255, cv2.THRESH_BINARY)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    sized = [(_cells(o) * cell, np.asarray(o, dtype=np.int32)) for o in outlines]
    kept = [each for each in sized if each[0] >= spec.min_area_input_px]
    if len(kept) > 1:
        kept.sort(key=lambda each: -each[0])
    return [outline for _, outline in kept[: spec.max_regions]]


def _cells(outline: npt.NDArray[np.generic]) -> float:
    """How many cells an outline encloses, its own included (Pick's theorem, 1899)."""
    return cv2.contourArea(outline) + len(outline) / 2 + 1  # type: ignore[arg-type]


def _mean_inside(values: Map, outline: Outline) -> float:
    """Mean probability of a map inside an outline."""
    x, y, w, h = cv2.boundingRect(outline)
    part = np.zeros((h, w), dtype=np.uint8)
    cv2.drawContours(part, [outline], -1, 255, cv2.FILLED, offset=(-x, -y))
    return cv2.mean(values[y : y + h, x : x + w], part)[0] / 255.0


def _graded(spec: PostprocessSpec, malignancy: float) -> dict[str, float]:
    """A region's own probabilities: the grade, shared among the positive labels."""
    none = ("normal", spec.out_of_scope)
    rest = [n for n in spec.labels if n not in spec.positive and n not in none]
    probs = dict.fromkeys(spec.labels, 0.0)
    for names, share in ((spec.positive, malignancy), (rest, 1.0 - malignancy)):
        for name in names:
            probs[name] = share / len(names)
    return probs


def _region(
    spec: PostprocessSpec,
    points: npt.NDArray[np.floating[Any]],
    source_hw: tuple[int, int],
    spacing_mm: tuple[float, float] | None,
    suspicion: float,
    probs: Mapping[str, float],
) -> Region:
    contour = np.rint(points).astype(np.int32)
    x0, y0, w, h = cv2.boundingRect(contour)
    if x0 < 0 or y0 < 0 or x0 + w > source_hw[1] or y0 + h > source_hw[0]:
        contour = contour.clip(0, (source_hw[1] - 1, source_hw[0] - 1))
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
