"""What a bundle's variant answers to a few real frames, as JSON: on any processor.

    python tests/emulated/answers.py BUNDLE VARIANT > answers.json

Opening asks the golden frames first: a wrong answer ends it with GOLDEN_MISMATCH.
"""

from __future__ import annotations

import json
import platform
import sys
from pathlib import Path

import cv2
import numpy as np

import sonoedge
from sonoedge import Analysis, EngineOptions, Frame, NotAnalysed

STILLS = Path(__file__).resolve().parents[2] / "examples/data/breast_usg/images"
EVERY = 12  # of 48 stills: four


def row(analysis: Analysis | NotAnalysed) -> dict[str, object]:
    """What can be compared: reasons, or the flag and the regions."""
    if isinstance(analysis, NotAnalysed):
        return {"reasons": [reason.value for reason in analysis.reasons]}
    return {
        "flagged": analysis.flagged,
        "boxes": [list(region.box_px) for region in analysis.regions],
        "suspicions": [region.suspicion for region in analysis.regions],
    }


def answers(bundle: Path, variant: str) -> dict[str, object]:
    """What `bundle`'s `variant` says of each frame, and on which machine."""
    rows = []
    with sonoedge.open(bundle, EngineOptions(variant=variant)) as analyser:
        for file in sorted(STILLS.glob("*.png"))[::EVERY]:
            pixels = np.asarray(cv2.imread(str(file), cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
            analysis = analyser.analyse(Frame(pixels=pixels))
            rows.append({"frame": file.name, **row(analysis)})
    return {"machine": platform.machine(), "frames": rows}


if __name__ == "__main__":
    json.dump(answers(Path(sys.argv[1]), sys.argv[2]), sys.stdout, indent=1)
