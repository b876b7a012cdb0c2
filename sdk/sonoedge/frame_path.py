"""The way of one stream's frames around the engine: to its input, and from its answer.

Two implementations, with the same answers: `PythonPath`, and `sonoedge.native.path.NativePath`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from sonoedge.analysis import FrameGrade, Reason, Region
from sonoedge.frames import Frame
from sonoedge.guard import GuardSettings
from sonoedge.processing.classification import as_region
from sonoedge.processing.geometry import Geometry, pixel_aspect
from sonoedge.processing.postprocess import PostprocessSpec, regions
from sonoedge.processing.preprocess import Pixels, Preprocess, PreprocessSpec
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


class FramePath(Protocol):
    """One stream's frames, each through these calls in turn; any may be its last."""

    def judge(self, frame: Frame, geometry: Geometry) -> Reason | None:
        """What the guard has against a well-formed frame; a frozen picture resets the tracks."""
        ...

    def fill(self, frame: Frame, geometry: Geometry) -> Pixels:
        """The engine's input, uint8 [1, 1, height, width], reused by the next call."""
        ...

    def find(
        self,
        frame: Frame,
        geometry: Geometry,
        tensors: Tensors,
        probs: Mapping[str, float],
        grade: FrameGrade | None,
    ) -> None:
        """Find the regions of the engine's answer, which passed `postprocess.is_finite`.

        Args:
            grade: of the frame, where the network has no map.
        """
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

    def fill(self, frame: Frame, geometry: Geometry) -> Pixels:
        """As `FramePath` says."""
        return self._preprocess.fill(frame.pixels, geometry)

    def find(
        self,
        frame: Frame,
        geometry: Geometry,
        tensors: Tensors,
        probs: Mapping[str, float],
        grade: FrameGrade | None,
    ) -> None:
        """As `FramePath` says."""
        if grade is not None:
            self._regions = (as_region(grade, geometry.roi_px),)
            return
        height, width = frame.pixels.shape[:2]
        self._regions = regions(
            self._postprocess,
            tensors,
            geometry,
            source_hw=(height, width),
            spacing_mm=frame.spacing_mm,
            aspect=pixel_aspect(frame.spacing_mm, frame.pixel_aspect),
            probs=probs,
        )

    def track(self, frame: Frame, geometry: Geometry) -> tuple[tuple[Region, ...], bool | None]:
        """As `FramePath` says."""
        tracker = self.memory.tracker
        if tracker is None:
            return self._regions, None
        aspect = pixel_aspect(frame.spacing_mm, frame.pixel_aspect)
        key = scene(frame, geometry.roi_px, aspect)
        return tracker.update(self._regions, frame.stream_ns, key)
