"""calibration.json: which frames, prepared how, for which network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sonoedge.processing.preprocess import PreprocessSpec
from sonoedge.settings import plain
from sonoedge_export.data.calibration import CalibrationFrames
from sonoedge_export.data.coverage import coverage
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.recipe.calibration import Calibration


def calibration_record(
    settings: Calibration | None,
    spec: PreprocessSpec,
    frames: CalibrationFrames | None,
    graphs: Mapping[str, bytes],
    evaluation: Labelled,
) -> dict[str, Any] | None:
    """What calibration.json holds: frames, preprocess and networks by digest, and coverage.

    Args:
        settings, spec: how the frames were chosen, and preprocessed.
        frames: None where nothing is quantized, and there is nothing to record.
        graphs: the float graphs quantized, by the network's name.
    """
    if frames is None:
        return None
    chosen, preprocess = plain(settings), json.dumps(plain(spec), sort_keys=True).encode()
    covered = coverage(frames.entries, evaluation.entries, spec)
    return {
        "settings": chosen,
        "frames": [
            {"image": e.image.name, "pixels_sha256": h}
            for e, h in zip(frames.entries, frames.sha256, strict=True)
        ],
        "frames_sha256": hashlib.sha256("\n".join(frames.sha256).encode()).hexdigest(),
        "preprocess_sha256": hashlib.sha256(preprocess).hexdigest(),
        "networks_sha256": {
            name: hashlib.sha256(onnx).hexdigest() for name, onnx in graphs.items()
        },
        "warnings": covered.pop("warnings"),
        "coverage": covered,
    }
