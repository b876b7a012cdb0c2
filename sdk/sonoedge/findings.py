"""What the stages made of one frame, and the result that it becomes."""

from __future__ import annotations

import dataclasses
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from sonoedge.analysis import (
    Analysed,
    Explanation,
    FrameGrade,
    GreyLevels,
    NotAnalysed,
    Origin,
    Reason,
    Region,
)
from sonoedge.frame_values import capture_time

STAGES: Final = ("guard", "preprocess", "engine", "postprocess", "tracker")


class Findings(NamedTuple):
    """What was found in a frame; a tuple, as one is made for every frame."""

    regions: tuple[Region, ...]
    class_probs: dict[str, float]
    temporal_flag: bool | None
    explanation: Explanation | None
    grade: FrameGrade | None
    grey: GreyLevels

    def result(
        self, frame_id: int, *, captured_ns: int, marks: list[int], origin: Origin
    ) -> Analysed:
        """The result of a frame that has come through all stages.

        Args:
            frame_id: which frame.
            captured_ns: when it was captured, monotonic.
            marks: when the analysis began, and when each stage ended, monotonic, in nanoseconds.
            origin: which engine spoke.
        """
        return Analysed(
            frame_id=frame_id,
            regions=self.regions,
            class_probs=self.class_probs,
            temporal_flag=self.temporal_flag,
            explanation=self.explanation,
            grade=self.grade,
            grey=self.grey,
            captured_ns=captured_ns,
            age_ms=(marks[-1] - captured_ns) / 1e6,
            stages_ms=_stages_ms(marks),
            origin=origin,
        )


def no_result(
    frame_id: int,
    frame: object,
    *,
    marks: list[int],
    now_ns: int,
    origin: Origin,
    reason: Reason,
    why: str,
) -> NotAnalysed:
    """The result of a frame that was not analysed, whatever that frame is; arguments as above."""
    captured_ns = capture_time(frame)
    if captured_ns is None:
        captured_ns = marks[0]
    return NotAnalysed(
        frame_id=frame_id,
        captured_ns=captured_ns,
        age_ms=(now_ns - captured_ns) / 1e6,
        stages_ms=_stages_ms(marks),
        origin=origin,
        reasons=(reason,),
        detail=why,
    )


def embedded(regions: tuple[Region, ...], vector: npt.NDArray[np.generic]) -> tuple[Region, ...]:
    """The regions with what the network says of their frame; the engine may overwrite its own."""
    embedding = np.array(vector, dtype=np.float32)
    embedding.flags.writeable = False
    return tuple(dataclasses.replace(region, embedding=embedding) for region in regions)


def _stages_ms(marks: list[int]) -> dict[str, float]:
    return {STAGES[i]: (marks[i + 1] - marks[i]) / 1e6 for i in range(len(marks) - 1)}
