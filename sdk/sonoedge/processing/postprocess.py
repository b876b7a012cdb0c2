"""From a network's maps to regions in source pixels.

This is the only implementation: verification, live use and benchmarks all call
it. Threshold and contours are found at the map's own resolution; each contour
point is then moved along the map's slope to where it crosses the threshold, so
that a contour is finer than the map's cells.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.analysis import Region
from sonoedge.errors import InvalidSettings
from sonoedge.processing.geometry import Geometry
from sonoedge.processing.line import line_of
from sonoedge.processing.outlines import Map, parts
from sonoedge.processing.subcell import crossing
from sonoedge.runtime import Tensors

# The engine's output that says whether the network's numbers were numbers: uint8 [1], 1 or 0.
# Maps are levels of 255 by then, which cannot hold NaN.
FINITE: Final = "finite"
# The engine's output that describes the frame as a whole: float32 [1, K], of length 1.
EMBEDDING: Final = "embedding"


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
        geometry: "line" gives each region its line as well, for a network that looks for a
            needle's shaft; "region" is what a manifest without this key means.
    """

    labels: tuple[str, ...]
    positive: tuple[str, ...]
    lesion_threshold: float = 0.5
    min_area_input_px: float = 64.0
    max_regions: int = 16
    flag_threshold: float = 0.5
    out_of_scope: str | None = None
    scope_threshold: float = 0.5
    geometry: Literal["region", "line"] = "region"

    def __post_init__(self) -> None:
        if len(set(self.labels)) != len(self.labels) or not self.labels:
            raise InvalidSettings("labels must be one or more different names")
        if not self.positive or not set(self.positive) <= set(self.labels):
            raise InvalidSettings(f"positive must be some of labels: {', '.join(self.labels)}")
        if self.out_of_scope in self.positive or self.out_of_scope not in (None, *self.labels):
            raise InvalidSettings("out_of_scope must be one of labels, and not of positive")
        if self.geometry not in ("region", "line"):
            raise InvalidSettings(f"geometry is {self.geometry!r}; use 'region' or 'line'")
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


def is_finite(tensors: Tensors, probs: Mapping[str, float]) -> bool:
    """Whether an engine's answer is made of numbers, and its probabilities are probabilities.

    Args:
        tensors: one answer; an engine without the output `finite` cannot tell of its maps.
        probs: as `frame_probs` gives them.
    """
    flag = tensors.get(FINITE)
    if flag is not None and not flag[0]:
        return False
    embedding = tensors.get(EMBEDDING)
    if embedding is not None and not np.isfinite(embedding).all():
        return False
    return all(0.0 <= p <= 1.0001 for p in probs.values())


def frame_probs(spec: PostprocessSpec, tensors: Tensors) -> dict[str, float]:
    """The frame's probability per label; empty where the network gives none."""
    probs = tensors.get("class_probs")
    if probs is None:
        return {}
    return dict(zip(spec.labels, probs[0].tolist(), strict=True))


def positive_probability(spec: PostprocessSpec, probs: Mapping[str, float]) -> float:
    """The probability of the positive labels together, at most 1.

    Added one by one: `sum` of floats is another number from Python 3.12 on.

    Args:
        probs: of every label.
    """
    total = 0.0
    for name in spec.positive:
        total += probs[name]
    return min(1.0, total)


def out_of_scope(spec: PostprocessSpec, probs: Mapping[str, float]) -> float | None:
    """The probability of being out of scope, where it has reached the threshold; else None.

    Args:
        probs: as `frame_probs` gives them; a network without any cannot tell.
    """
    if spec.out_of_scope is None:
        return None
    probability = probs.get(spec.out_of_scope, 0.0)
    return probability if probability >= spec.scope_threshold else None


def regions(
    spec: PostprocessSpec,
    tensors: Tensors,
    geometry: Geometry,
    *,
    source_hw: tuple[int, int],
    spacing_mm: tuple[float, float] | None = None,
    aspect: float = 1.0,
    probs: Mapping[str, float] | None = None,
) -> tuple[Region, ...]:
    """The regions of one frame, most suspicious first.

    Args:
        tensors: `lesion_map` uint8 [1, 1, h, w], probability x 255; optionally
            `malignancy_map` uint8 [1, 1, h, w] and `class_probs` float32 [1, C].
        geometry: from source to input, as preprocessing gave it.
        source_hw: (height, width) of the frame.
        spacing_mm: (rows, columns) millimetres per source pixel, or None.
        aspect: a source pixel's width over its height; lines alone are measured by it.
        probs: the frame's probabilities, where `frame_probs` was asked already.
    """
    lesion: Map = tensors["lesion_map"][0, 0]
    map_hw = (lesion.shape[0], lesion.shape[1])
    within = geometry.placed_in_map(map_hw)
    cell_px = geometry.input_hw[0] * geometry.input_hw[1] / lesion.size
    lesions = parts(
        lesion,
        within,
        spec.level,
        min_cells=spec.min_area_input_px / cell_px,
        max_parts=spec.max_regions,
    )
    if not lesions:
        return ()
    graded = tensors.get("malignancy_map")
    malignancy = None if graded is None else np.asarray(graded[0, 0], dtype=np.uint8)
    if probs is None:
        probs = frame_probs(spec, tensors)
    result = []
    for part in lesions:
        region_probs = probs
        if malignancy is not None:
            region_probs = _graded(spec, part.mean(malignancy))
        suspicion = positive_probability(spec, region_probs) if region_probs else part.mean(lesion)
        points = geometry.to_source(crossing(lesion, within, part, spec.level), map_hw)
        region = _region(spec, points, source_hw, spacing_mm, suspicion, region_probs)
        if spec.geometry == "line":
            line = line_of(part, geometry, map_hw, spacing_mm=spacing_mm, aspect=aspect)
            region = replace(region, line=line)
        result.append(region)
    if len(result) > 1:
        result.sort(key=lambda region: -region.suspicion)
    return tuple(result)


def _graded(spec: PostprocessSpec, malignancy: float) -> dict[str, float]:
    """A region's own probabilities: the grade, shared among the positive labels."""
    not_graded = ("normal", spec.out_of_scope)
    negative = [n for n in spec.labels if n not in spec.positive and n not in not_graded]
    probs = dict.fromkeys(spec.labels, 0.0)
    for names, share in ((spec.positive, malignancy), (negative, 1.0 - malignancy)):
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
