"""The way of one stream's frames around the engine: to its input, and from its answer.

Two implementations, with the same answers: `PythonPath`, and `sonoedge.native.path.NativePath`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from sonoedge.analysis import FrameGrade, GreyLevels, Reason, Region
from sonoedge.frames import Frame
from sonoedge.guard import GuardSettings
from sonoedge.processing.classification import as_region, frame_grade
from sonoedge.processing.geometry import Geometry, pixel_aspect
from sonoedge.processing.grey import grey_levels
from sonoedge.processing.postprocess import (
    PostprocessSpec,
    frame_probs,
    is_finite,
    out_of_scope,
    regions,
)
from sonoedge.processing.preprocess import Preprocess, PreprocessSpec
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.runtime import Tensors
from sonoedge.stream_memory import StreamMemory, scene

PathName = Literal["python", "native"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PathSettings:
    """All that a path is made of; the fields are those of `sonoedge.analyser.Analyser`."""

    preprocess: PreprocessSpec
    postprocess: PostprocessSpec
    guard: GuardSettings
    tracking: TrackingSettings | None


class Answer(NamedTuple):
    """What an engine said of a frame as a whole.

    Attributes:
        probs: the frame's probability per label; empty where the network gives none.
        grade: where the network has no map.
    """

    probs: dict[str, float]
    grade: FrameGrade | None


class Refusal(NamedTuple):
    """Why an engine's answer says nothing of the frame, and a sentence or ""."""

    reason: Reason
    detail: str


class FramePath(Protocol):
    """One stream's frames, each through these calls in turn; any may be its last."""

    def judge(self, frame: Frame, geometry: Geometry) -> Reason | None:
        """What the guard has against a well-formed frame; a frozen picture resets the tracks."""
        ...

    def fill(self, frame: Frame, geometry: Geometry) -> GreyLevels:
        """Fill the engine's input, which all streams of an analyser share; how bright it is."""
        ...

    def find(self, frame: Frame, geometry: Geometry, tensors: Tensors) -> Answer | Refusal:
        """Judge the engine's answer, and find its regions; the tensors are not kept."""
        ...

    def track(self, frame: Frame, geometry: Geometry) -> tuple[tuple[Region, ...], bool | None]:
        """The regions found, with their tracks where something tracks, and the temporal flag."""
        ...


class PythonPath:
    """The reference.

    Args:
        preprocess: with the settings' own spec; streams of one analyser share it.

    Attributes:
        memory: of this stream alone.
    """

    def __init__(self, settings: PathSettings, preprocess: Preprocess) -> None:
        self._postprocess = settings.postprocess
        self.memory = StreamMemory(
            settings.guard, settings.tracking, self._postprocess.flag_threshold
        )
        self._preprocess = preprocess
        self._regions: tuple[Region, ...] = ()

    def judge(self, frame: Frame, geometry: Geometry) -> Reason | None:
        """As `FramePath` says."""
        reason = self.memory.guard.content(frame, geometry.roi_px)
        if reason is Reason.FRAME_FROZEN and self.memory.tracker is not None:
            self.memory.tracker.reset()
        return reason

    def fill(self, frame: Frame, geometry: Geometry) -> GreyLevels:
        """As `FramePath` says."""
        return grey_levels(self._preprocess.fill(frame.pixels, geometry))

    def find(self, frame: Frame, geometry: Geometry, tensors: Tensors) -> Answer | Refusal:
        """As `FramePath` says."""
        spec = self._postprocess
        probs = frame_probs(spec, tensors)
        refusal = refused(spec, tensors, probs)
        if refusal is not None:
            return refusal
        grade = frame_grade(spec, tensors, probs)
        if grade is not None:
            self._regions = (as_region(grade, geometry.roi_px),)
            return Answer(probs, grade)
        height, width = frame.pixels.shape[:2]
        self._regions = regions(
            spec,
            tensors,
            geometry,
            source_hw=(height, width),
            spacing_mm=frame.spacing_mm,
            aspect=pixel_aspect(frame.spacing_mm, frame.pixel_aspect),
            probs=probs,
        )
        return Answer(probs, None)

    def track(self, frame: Frame, geometry: Geometry) -> tuple[tuple[Region, ...], bool | None]:
        """As `FramePath` says."""
        tracker = self.memory.tracker
        if tracker is None:
            return self._regions, None
        aspect = pixel_aspect(frame.spacing_mm, frame.pixel_aspect)
        key = scene(frame, geometry.roi_px, aspect)
        return tracker.update(self._regions, frame.stream_ns, key)


def refused(spec: PostprocessSpec, tensors: Tensors, probs: Mapping[str, float]) -> Refusal | None:
    """What stands against an engine's answer, if anything.

    Args:
        probs: as `frame_probs` gives them.
    """
    if not is_finite(tensors, probs):
        return Refusal(Reason.ENGINE_OUTPUT_INVALID, "")
    probability = out_of_scope(spec, probs)
    if probability is None:
        return None
    detail = f"{spec.out_of_scope} {probability:.3f}, limit {spec.scope_threshold:.3f}"
    return Refusal(Reason.OUT_OF_SCOPE, detail)
