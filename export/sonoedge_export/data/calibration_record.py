"""calibration.json: which frames, prepared how, for which network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sonoedge.settings import plain
from sonoedge_export.data.calibration import CalibrationFrames
from sonoedge_export.data.coverage import coverage
from sonoedge_export.data.labelled import Labelled

if TYPE_CHECKING:
    from sonoedge_export.graph.build import Graph
    from sonoedge_export.recipe.recipe import Recipe


def calibration_record(
    recipe: Recipe,
    frames: CalibrationFrames,
    graphs: Mapping[bool, Graph],
    evaluation: Labelled,
) -> dict[str, Any]:
    """What calibration.json holds: frames, preprocess and networks by digest, and coverage.

    Args:
        graphs: the float graphs quantized: the network's under False, the pruned one's
            under True.
    """
    preprocess = json.dumps(plain(recipe.input), sort_keys=True).encode()
    found = coverage(frames.entries, evaluation.entries, recipe.input)
    return {
        "settings": plain(recipe.calibration),
        "frames": [
            {"image": e.image.name, "pixels_sha256": h}
            for e, h in zip(frames.entries, frames.sha256, strict=True)
        ],
        "frames_sha256": hashlib.sha256("\n".join(frames.sha256).encode()).hexdigest(),
        "preprocess_sha256": hashlib.sha256(preprocess).hexdigest(),
        "networks_sha256": {
            "pruned" if pruned else "network": hashlib.sha256(graph.onnx).hexdigest()
            for pruned, graph in graphs.items()
        },
        "warnings": found.pop("warnings"),
        "coverage": found,
    }
