"""An engine's answer as it is compared: all of a result but its times and its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from sonoedge.analysis import Analysis
from sonoedge.bundle.golden import GoldenRegion, GoldenRegions
from sonoedge.errors import InvalidSettings
from sonoedge.outputs.jsonl import record
from sonoedge.settings import read


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredLine:
    """A region's line; each attribute is as in docs/reference/jsonl.md."""

    ends_px: tuple[tuple[float, float], tuple[float, float]]
    angle_deg: float
    length_px: float
    length_mm: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredRegion:
    """A region; each attribute is as in docs/reference/jsonl.md."""

    box_px: tuple[int, int, int, int]
    contour_px: tuple[tuple[int, int], ...]
    area_px: float | None
    area_mm2: float | None
    box_mm: tuple[float | None, float | None] | None
    suspicion: float | None
    class_probs: Mapping[str, float | None]
    flagged: bool
    track_id: int | None
    track_flagged: bool
    line: AnsweredLine | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer; each attribute is as in docs/reference/jsonl.md.

    Two that are equal are so to the last bit: JSON keeps every digit of a float64.
    """

    outcome: Literal["analysed", "not_analysed"]
    reasons: tuple[str, ...]
    flagged: bool | None
    temporal_flag: bool | None
    suspicion: float | None
    localised: bool | None
    regions: tuple[AnsweredRegion, ...] | None
    class_probs: Mapping[str, float | None]

    def __post_init__(self) -> None:
        analysed = self.outcome == "analysed"
        if analysed == bool(self.reasons) or analysed != (self.flagged is not None):
            raise InvalidSettings("a frame is analysed, or there are reasons why it is not")

    @property
    def analysed(self) -> bool:
        """Whether it says anything of the picture."""
        return self.outcome == "analysed"

    def golden(self) -> GoldenRegions:
        """Its regions as golden frames are compared; a grade is a region of no extent."""
        regions = self.regions or ()
        if self.localised is False:
            whole = GoldenRegion(
                box_px=(0, 0, 1, 1),
                area_px=1.0,
                suspicion=_within(self.suspicion),
                flagged=bool(self.flagged),
            )
            return GoldenRegions(flagged=whole.flagged, regions=(whole,))
        golden = tuple(
            GoldenRegion(
                box_px=region.box_px,
                area_px=region.area_px or 0.0,
                suspicion=_within(region.suspicion),
                flagged=region.flagged,
            )
            for region in regions
        )
        return GoldenRegions(flagged=any(r.flagged for r in golden), regions=golden)


def answer_of(analysis: Analysis) -> Answer:
    """The comparable part of an analysis."""
    return answer_from(record(analysis))


def answer_from(line: Mapping[str, Any]) -> Answer:
    """The comparable part of a line of JSON Lines.

    Raises:
        InvalidSettings: it is none.
    """
    names = [field.name for field in fields(Answer)]
    return read(Answer, {name: line[name] for name in names if name in line})


def _within(suspicion: float | None) -> float:
    return min(1.0, max(0.0, suspicion or 0.0))
