"""What a frame's analysis says: `Analysed` with its regions, or `NotAnalysed` with reasons.

They are two types, so that "nothing found" can never be read where "not analysed"
was meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt


class Reason(str, Enum):
    """Why a frame was not analysed: stable tokens."""

    WRONG_DTYPE = "WRONG_DTYPE"
    WRONG_SHAPE = "WRONG_SHAPE"
    EMPTY = "EMPTY"
    CONSTANT = "CONSTANT"
    SATURATED = "SATURATED"
    FRAME_FROZEN = "FRAME_FROZEN"
    FRAME_INVALID = "FRAME_INVALID"
    BLACK = "BLACK"
    COLOUR_BARS = "COLOUR_BARS"
    COLOUR_OVERLAY = "COLOUR_OVERLAY"
    NO_CONTACT = "NO_CONTACT"
    WRONG_ASPECT = "WRONG_ASPECT"
    SPACING_MISSING = "SPACING_MISSING"
    SPACING_INVALID = "SPACING_INVALID"
    PROBE_NOT_ALLOWED = "PROBE_NOT_ALLOWED"
    PRESET_NOT_ALLOWED = "PRESET_NOT_ALLOWED"
    OUT_OF_SCOPE = "OUT_OF_SCOPE"
    SOURCE_LOST = "SOURCE_LOST"
    STALE = "STALE"
    DEADLINE_MISSED = "DEADLINE_MISSED"
    ENGINE_CRASHED = "ENGINE_CRASHED"
    STARTING = "STARTING"
    PAUSED = "PAUSED"
    UNAVAILABLE = "UNAVAILABLE"
    FAULT = "FAULT"
    ENGINE_FAILED = "ENGINE_FAILED"
    ENGINE_OUTPUT_INVALID = "ENGINE_OUTPUT_INVALID"
    INTERNAL_ERROR = "INTERNAL_ERROR"
    CLOSED = "CLOSED"
    CAPTURE_TIME_INVALID = "CAPTURE_TIME_INVALID"
    CAPTURE_CLOCK_NOT_MONOTONIC = "CAPTURE_CLOCK_NOT_MONOTONIC"
    METADATA_INVALID = "METADATA_INVALID"
    FORKED = "FORKED"
    OUT_OF_TAUGHT_SCOPE = "OUT_OF_TAUGHT_SCOPE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A region as a line: a shaft, as far as it is seen. Where its tip is, this does not say.

    Attributes:
        ends_px: two points (x, y) in source pixels, the upper one first.
        angle_deg: of the line in square pixels against the horizontal, -90 to 90; above 0 it
            goes down to the right.
        length_px: between the ends, in source pixels.
        length_mm: in millimetres; None where the frame had no spacing.
    """

    ends_px: tuple[tuple[float, float], tuple[float, float]]
    angle_deg: float
    length_px: float
    length_mm: float | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Region:
    """One suspicious region of one frame.

    Attributes:
        contour_px: int32, shape (N, 2), (x, y) in source pixels, closed.
        box_px: (x0, y0, x1, y1) in source pixels; x1 and y1 exclusive.
        area_px: square source pixels.
        area_mm2: square millimetres; None where the frame had no spacing.
        box_mm: (width, height) in millimetres; None where the frame had no spacing.
        suspicion: probability that the region is what the network looks for, in [0, 1].
        class_probs: probability per label.
        flagged: suspicion has reached the operating threshold.
        track_id: the same region over frames; None where nothing tracks.
        track_flagged: the temporal flag of its track is up.
        line: the region as a line, where the bundle's geometry is "line"; else None.
        embedding: float32 (K,), not to be written to: what the network says of the frame as a
            whole; there where a second opinion of the bundle is told it, else None.
    """

    contour_px: npt.NDArray[np.int32]
    box_px: tuple[int, int, int, int]
    area_px: float
    area_mm2: float | None
    box_mm: tuple[float, float] | None
    suspicion: float
    class_probs: Mapping[str, float]
    flagged: bool
    track_id: int | None = None
    track_flagged: bool = False
    line: Line | None = None
    embedding: npt.NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameGrade:
    """What a network that classifies alone says of a frame as a whole.

    Attributes:
        suspicion: probability that the frame shows what the network looks for, in [0, 1].
        flagged: suspicion has reached the operating threshold.
    """

    suspicion: float
    flagged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Which engine of which bundle speaks.

    Attributes:
        bundle_id: the bundle's name, version and digest.
        engine_sha256: digest of the model file that was loaded.
        runtime: "onnxruntime", "openvino", ...
        precision: "fp32", "bf16", "int8", ...
        variant: the variant's id in the bundle.
        frame_path: what ran around the engine: "python", or "native" for the same in C.
        placement: "pinned" where each thread of the engine had a core of its own.
    """

    bundle_id: str
    engine_sha256: str
    runtime: str
    precision: str
    variant: str
    frame_path: Literal["python", "native"] = "python"
    placement: Literal["free", "pinned"] = "free"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Explanation:
    """One frame's map.

    Attributes:
        name: which of the engine's outputs it is.
        levels: uint8, shape (h, w), probability x 255; it belongs to the caller.
        box_px: (x0, y0, x1, y1) in source pixels that the map covers; x1, y1 exclusive.
    """

    name: Literal["malignancy_map", "lesion_map"]
    levels: npt.NDArray[np.uint8]
    box_px: tuple[int, int, int, int]


class GreyLevels(NamedTuple):
    """How bright the network's input was, and how varied: of a sample of its pixels, 0 to 255."""

    mean: float
    deviation: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Analysed:
    """A frame that was analysed.

    Attributes:
        frame_id: counts the frames given to this analyser, from 0.
        captured_ns: the frame's capture time, monotonic.
        age_ms: from capture to this result, milliseconds.
        stages_ms: milliseconds per stage: guard, preprocess, engine, postprocess, tracker.
        origin: engine and bundle.
        regions: most suspicious first; empty means that nothing was found, but where
            the network does not localise (see `grade`).
        class_probs: the frame's probability per label; empty without a classifier.
        temporal_flag: some region stayed suspicious over several frames (see
            `sonoedge.processing.tracking`); None where nothing tracks. `flagged` is of this
            frame alone.
        stream: which of a live session's streams the frame belongs to; None elsewhere.
        explanation: the map that the suspicion was read from; None where nobody asked, or
            the network has no map.
        grade: of the whole frame, from a network that classifies alone: it does not
            localise, so `regions` is empty whatever the frame shows. None from all others.
        grey: the levels of the network's input, for counting drift; None of a result that was
            read from a file.
    """

    frame_id: int
    captured_ns: int
    age_ms: float
    stages_ms: Mapping[str, float]
    origin: Origin
    regions: tuple[Region, ...]
    class_probs: Mapping[str, float]
    temporal_flag: bool | None = None
    stream: str | None = None
    explanation: Explanation | None = None
    grade: FrameGrade | None = None
    grey: GreyLevels | None = None

    @property
    def localised(self) -> bool:
        """Whether `regions` says where; False where the network classifies alone."""
        return self.grade is None

    @property
    def flagged(self) -> bool:
        """Some region, or the frame as a whole, has reached the operating threshold."""
        if self.grade is not None:
            return self.grade.flagged
        return any(region.flagged for region in self.regions)

    @property
    def suspicion(self) -> float | None:
        """The highest region's suspicion, or the frame's; None where there is no region."""
        if self.grade is not None:
            return self.grade.suspicion
        return max((region.suspicion for region in self.regions), default=None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NotAnalysed:
    """A frame that was not analysed, and why. It says nothing about the picture.

    Attributes that are not listed here are as in `Analysed`.

    Attributes:
        reasons: one or more stable tokens.
        detail: one sentence for a log; "" where the token says it all.
    """

    frame_id: int
    captured_ns: int
    age_ms: float
    stages_ms: Mapping[str, float]
    origin: Origin
    reasons: tuple[Reason, ...]
    detail: str = ""
    stream: str | None = None


Analysis: TypeAlias = Analysed | NotAnalysed
