"""What a region's suspicion was read from, as a map over the picture.

The network's own map, not a gradient made afterwards: a region's suspicion is the mean
of this map inside the region, so the map is the whole explanation and costs nothing. For
a network that grades no region it is the lesion map, which for a classifier is its
class-activation map (Zhou et al. 2016, arXiv:1512.04150).
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from sonoedge.analysis import Explanation
from sonoedge.processing.geometry import Geometry
from sonoedge.runtime import Tensors


def explain(tensors: Tensors, geometry: Geometry) -> Explanation:
    """The map of one frame, without the padding that preprocessing added.

    Args:
        tensors: the engine's answer, as `sonoedge.processing.postprocess.regions` takes it.
        geometry: from source to input, as preprocessing gave it.
    """
    name: Literal["malignancy_map", "lesion_map"] = (
        "malignancy_map" if "malignancy_map" in tensors else "lesion_map"
    )
    levels = tensors[name][0, 0]
    u0, v0, u1, v1 = geometry.placed_in_map((levels.shape[0], levels.shape[1]))
    inside = np.array(levels[v0:v1, u0:u1], dtype=np.uint8)
    return Explanation(name=name, levels=inside, box_px=geometry.roi_px)
