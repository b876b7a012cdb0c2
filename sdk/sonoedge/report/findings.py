"""What a recording's analyses come to: one finding per track, and what was not analysed.

Nothing here knows of DICOM or FHIR: all that leaves is written from these values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sonoedge.analysis import Origin
from sonoedge.outputs.wording import counted
from sonoedge.report.codes import (
    NONE_SUCCEEDED,
    PARTLY_WITH,
    PARTLY_WITHOUT,
    SUCCEEDED_WITH,
    SUCCEEDED_WITHOUT,
    Code,
)

Contour = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outline:
    """A region's contour in one frame.

    Attributes:
        frame: number of the frame in its file, from 1.
        contour_px: int32, shape (N, 2), (x, y) indices of pixels.
        suspicion: the region's in this frame, in [0, 1].
    """

    frame: int
    contour_px: Contour
    suspicion: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Finding:
    """A region that was suspicious, followed over the frames in which it was seen.

    Attributes:
        number: from 1; confirmed ones first, then the most suspicious.
        tracking_uid: the same in every document that leaves.
        frame: number of the frame, from 1, in which it was most suspicious.
        contour_px: int32, (N, 2), there; None where the network does not localise.
        suspicion: there, in [0, 1].
        confirmed: its temporal flag was raised; None where nothing was followed.
        area_mm2: square millimetres; None where the frame has no trusted spacing.
        axes_mm: (long, short) sides of the smallest rectangle around the contour,
            millimetres; None as `area_mm2`.
        outlines: of each frame in which it was seen, by frame; empty as `contour_px`.
        suspicious_frames: frames in which it reached the threshold.
    """

    number: int
    tracking_uid: str
    frame: int
    contour_px: Contour | None
    suspicion: float
    confirmed: bool | None
    area_mm2: float | None
    axes_mm: tuple[float, float] | None
    outlines: tuple[Outline, ...]
    suspicious_frames: int

    @property
    def label(self) -> str:
        """What to call it, for people."""
        if self.confirmed is None:
            return f"region {self.number}"
        how = "confirmed over frames" if self.confirmed else "not confirmed over frames"
        return f"region {self.number}, {how}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Algorithm:
    """What analysed.

    Attributes:
        name, version: the bundle's.
        origin: engine and bundle.
        threshold: suspicion from which a region is suspicious.
        of_cancer: suspicion is a probability of malignancy; else of what the network was
            trained to find.
        breast: the bundle says that it is made for the breast.
    """

    name: str
    version: str
    origin: Origin
    threshold: float
    of_cancer: bool
    breast: bool

    @property
    def maker(self) -> str:
        """Bundle and engine, for people."""
        return f"{self.origin.bundle_id}, {self.origin.runtime} {self.origin.precision}"

    @property
    def parameters(self) -> tuple[str, ...]:
        """What makes an answer repeatable: which bundle, engine and threshold."""
        origin = self.origin
        return (
            f"bundle={origin.bundle_id}",
            f"variant={origin.variant}",
            f"engine_sha256={origin.engine_sha256}",
            f"flag_threshold={self.threshold:g}",
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Findings:
    """All that is said of one recording.

    Attributes:
        frames: of the file.
        passes: how often each was analysed: once for each tissue region of the file.
        analysed: analyses that succeeded, of `frames` x `passes`.
        reasons: how often each reason kept a picture from being analysed.
        findings: at most as many as were asked for.
        left_out: findings above that bound.
        below_threshold: regions that never reached the threshold; they are not reported.
        localised: the network says where.
        followed: regions were followed over frames.
        algorithm: what analysed.
    """

    frames: int
    passes: int
    analysed: int
    reasons: Mapping[str, int]
    findings: tuple[Finding, ...]
    left_out: int
    below_threshold: int
    localised: bool
    followed: bool
    algorithm: Algorithm

    @property
    def pictures(self) -> int:
        """Pictures that were given to the network."""
        return self.frames * self.passes

    @property
    def not_analysed(self) -> int:
        """Pictures of which nothing is known."""
        return self.pictures - self.analysed

    @property
    def summary(self) -> Code:
        """The run's outcome; "without findings" is all that stands only where all succeeded."""
        if not self.analysed:
            return NONE_SUCCEEDED
        if self.not_analysed:
            return PARTLY_WITH if self.findings else PARTLY_WITHOUT
        return SUCCEEDED_WITH if self.findings else SUCCEEDED_WITHOUT

    @property
    def no_region(self) -> str:
        """Why nothing can be drawn, in words: "no region" is all where all were analysed."""
        if not self.analysed:
            return "nothing was analysed"
        if not self.localised:
            return "the network does not localise"
        words = "no region that reached the threshold" if self.below_threshold else "no region"
        return f"{words} in what was analysed" if self.not_analysed else words

    @property
    def comment(self) -> str:
        """What the codes cannot say, in sentences."""
        of = "frames" if self.passes == 1 else f"pictures ({self.passes} regions of each frame)"
        sentences = [f"{self.analysed} of {self.pictures} {of} analysed"]
        if self.not_analysed:
            why = ", ".join(f"{name} {count}" for name, count in sorted(self.reasons.items()))
            sentences.append(f"{self.not_analysed} of {self.pictures} {of} not analysed: {why}")
        if self.left_out:
            sentences.append(
                f"{counted(self.left_out, 'suspicious region')} more than the "
                f"{len(self.findings)} reported"
            )
        if self.below_threshold:
            sentences.append(
                f"{counted(self.below_threshold, 'region')} below the threshold of "
                f"{self.algorithm.threshold:g} not reported"
            )
        if self.frames > 1 and not self.followed:
            sentences.append("no frame times: regions were not followed over frames")
        if not self.localised:
            sentences.append("the network grades whole frames and does not localise")
        sentences.append("Made by software, reviewed by nobody. For research, not for diagnosis")
        return ". ".join(sentences) + "."
