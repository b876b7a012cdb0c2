"""From class probabilities alone to a frame's grade, where a network has no map."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sonoedge.analysis import FrameGrade, Region
from sonoedge.processing.geometry import Geometry
from sonoedge.processing.postprocess import (
    PostprocessSpec,
    frame_probs,
    positive_probability,
    regions,
)
from sonoedge.runtime import Tensors

Box = tuple[int, int, int, int]


def frame_grade(
    spec: PostprocessSpec, tensors: Tensors, probs: Mapping[str, float]
) -> FrameGrade | None:
    """The frame's grade; None where the network gives a `lesion_map`, so that regions have theirs.

    Args:
        tensors: the engine's answer, as `sonoedge.processing.postprocess.regions` takes it.
        probs: the frame's probabilities, as `frame_probs` gives them.
    """
    if "lesion_map" in tensors:
        return None
    suspicion = positive_probability(spec, probs)
    return FrameGrade(suspicion=suspicion, flagged=suspicion >= spec.flag_threshold)


def graded_regions(
    spec: PostprocessSpec, tensors: Tensors, geometry: Geometry, source_hw: tuple[int, int]
) -> tuple[Region, ...]:
    """What two answers to a frame are compared by: its regions, or its grade as a region.

    Args:
        tensors, geometry, source_hw: as `sonoedge.processing.postprocess.regions` takes them.
    """
    grade = frame_grade(spec, tensors, frame_probs(spec, tensors))
    if grade is not None:
        return (as_region(grade, geometry.roi_px),)
    return regions(spec, tensors, geometry, source_hw=source_hw)


def as_region(grade: FrameGrade, box: Box) -> Region:
    """A region over the whole picture, for tracking and comparing: it says nothing of a place.

    Args:
        box: (x0, y0, x1, y1) of the region of interest in source pixels.
    """
    x0, y0, x1, y1 = box
    corners = [(x0, y0), (x1 - 1, y0), (x1 - 1, y1 - 1), (x0, y1 - 1)]
    return Region(
        contour_px=np.array(corners, dtype=np.int32),
        box_px=box,
        area_px=float((x1 - x0) * (y1 - y0)),
        area_mm2=None,
        box_mm=None,
        suspicion=grade.suspicion,
        class_probs={},
        flagged=grade.flagged,
    )
