"""Analyses to count."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sonoedge.analysis import Analysed, FrameGrade, GreyLevels, Origin

ORIGIN = Origin(bundle_id="", engine_sha256="", runtime="", precision="", variant="")


def analysed_frames(count: int, *, seed: int = 0, brighter: float = 0.0) -> Iterator[Analysed]:
    """Frames of every suspicion and brightness; every fifth shows nothing."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        suspicion = float(rng.uniform())
        grade = FrameGrade(suspicion=suspicion, flagged=suspicion > 0.5) if number % 5 else None
        yield Analysed(
            frame_id=number,
            captured_ns=0,
            age_ms=1.0,
            stages_ms={},
            origin=ORIGIN,
            regions=(),
            class_probs={},
            grade=grade,
            grey=GreyLevels(float(rng.uniform(20, 120)) + brighter, float(rng.uniform(5, 60))),
        )
