"""Which number a map explains: the suspicion of the frame's most suspicious region."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sonoedge.errors import InvalidData
from sonoedge.processing.geometry import Geometry
from sonoedge.processing.outlines import Part, parts
from sonoedge.processing.postprocess import PostprocessSpec, frame_probs, positive_probability
from sonoedge.runtime import Tensors


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Target:
    """A suspicion that other answers of the same engine can be asked for.

    Attributes:
        part: cells of the region as it was found; None where the frame as a whole is graded.
        graded_by: the output that is read inside the part; "class_probs" reads the frame's.
    """

    spec: PostprocessSpec
    graded_by: str
    part: Part | None = None

    def value(self, tensors: Tensors) -> float:
        """The suspicion, 0 to 1, by an answer to a changed picture.

        The region stays where it was found: blurring must not be able to move it away.
        """
        if self.graded_by == "class_probs":
            return positive_probability(self.spec, frame_probs(self.spec, tensors))
        assert self.part is not None
        return self.part.mean(np.asarray(tensors[self.graded_by][0, 0], dtype=np.uint8))


def target_of(spec: PostprocessSpec, tensors: Tensors, geometry: Geometry) -> Target:
    """What is explained of a frame, by the engine's answer to it.

    Raises:
        InvalidData: no region was found, so that there is no suspicion to explain.
    """
    lesion = tensors.get("lesion_map")
    if lesion is None:
        return Target(spec=spec, graded_by="class_probs")
    values = np.asarray(lesion[0, 0], dtype=np.uint8)
    height, width = values.shape
    found = parts(
        values,
        geometry.placed_in_map((height, width)),
        spec.level,
        min_cells=spec.min_area_input_px
        * values.size
        / (geometry.input_hw[0] * geometry.input_hw[1]),
        max_parts=spec.max_regions,
    )
    if not found:
        raise InvalidData("no region was found in this frame: there is no suspicion to explain")
    if "malignancy_map" in tensors:
        graded_by = "malignancy_map"
    else:
        graded_by = "class_probs" if "class_probs" in tensors else "lesion_map"
    targets = [Target(spec=spec, graded_by=graded_by, part=part) for part in found]
    return max(targets, key=lambda target: target.value(tensors))
