"""Read the calibration frames, and refuse those that would mislead."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sonoedge.analysis import Reason
from sonoedge.errors import InvalidCalibration
from sonoedge.frames import Frame
from sonoedge.guard import Guard, GuardSettings, form
from sonoedge.processing.geometry import pixel_aspect
from sonoedge.processing.preprocess import Preprocess, PreprocessSpec
from sonoedge_export.data.evaluation_set import joined
from sonoedge_export.data.labelled import Entry, Labelled, read_labelled
from sonoedge_export.data.picture_file import to_grey
from sonoedge_export.recipe.calibration import Calibration

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationFrames:
    """Frames that were accepted.

    Attributes:
        entries: the frames, in the files' order.
        sha256: of each frame's pixels, see `pixels_sha256`.
        tensors: each frame as the engine gets it, uint8 [1, 1, height, width].
    """

    entries: tuple[Entry, ...]
    sha256: tuple[str, ...]
    tensors: tuple[Pixels, ...]


def calibration_frames(
    settings: Calibration | None,
    files: Sequence[Path],
    *,
    spec: PreprocessSpec,
    guard: GuardSettings,
    evaluation: Labelled,
) -> CalibrationFrames:
    """The frames that calibrate, as the engine gets them.

    Args:
        settings: the recipe's [calibration]; None is refused.
        files: those that it names.
        spec, guard: as on the device.
        evaluation: the frames that the variants will be judged on.

    Raises:
        InvalidCalibration: there are too few; two have the same pixels; one belongs to
            the test split or is among those judged on; the guard would not analyse one.
        InvalidData: frames cannot be read.
    """
    if settings is None:
        raise InvalidCalibration(
            "int8 needs calibration frames of your own: give the recipe [calibration] frames"
        )
    read = [read_labelled(file, settings.split) for file in files]
    entries = joined(read).entries
    if settings.count is not None and settings.count < len(entries):
        spread = [i * len(entries) // settings.count for i in range(settings.count)]
        entries = tuple(entries[i] for i in spread)
    if len(entries) < settings.minimum:
        raise InvalidCalibration(
            f"{len(entries)} calibration frames, at least {settings.minimum} wanted; "
            "add frames, or lower calibration.minimum"
        )
    _refuse([e for e in entries if e.split == "test"], "belong to the test split")
    preprocess = Preprocess(spec)
    hashes: list[str] = []
    stopped: list[tuple[Entry, Reason]] = []
    tensors: list[Pixels] = []
    for entry in entries:
        frame = entry.frame()
        hashes.append(pixels_sha256(to_grey(frame.pixels)))
        reason = _stopped(frame, guard, preprocess)
        if reason is None:
            tensors.append(preprocess.frame(frame)[0].copy())
        else:
            stopped.append((entry, reason))
    counts = Counter(hashes)
    pairs = list(zip(entries, hashes, strict=True))
    _refuse([e for e, h in pairs if counts[h] > 1], "have the same pixels as another one")
    judged = {pixels_sha256(e.pixels()) for e in evaluation}
    _refuse([e for e, h in pairs if h in judged], "are among the frames that judge the variants")
    if stopped:
        entry, reason = stopped[0]
        raise InvalidCalibration(
            f"{entry.image.name} would not be analysed ({reason.value}), so it must not "
            "calibrate; leave it out"
        )
    return CalibrationFrames(entries=entries, sha256=tuple(hashes), tensors=tuple(tensors))


def pixels_sha256(pixels: Pixels) -> str:
    """SHA-256 of a picture's shape and grey levels: the same for copies in any format."""
    shape = "x".join(str(n) for n in pixels.shape).encode()
    return hashlib.sha256(shape + b":" + np.ascontiguousarray(pixels).tobytes()).hexdigest()


def _refuse(entries: list[Entry], why: str) -> None:
    if entries:
        names = ", ".join(e.image.name for e in entries[:3])
        more = f" and {len(entries) - 3} more" if len(entries) > 3 else ""
        raise InvalidCalibration(f"calibration frames {names}{more} {why}; leave them out")


def _stopped(frame: Frame, guard: GuardSettings, preprocess: Preprocess) -> Reason | None:
    reason = form(frame, guard)
    if reason is not None:
        return reason
    height, width = frame.pixels.shape[:2]
    aspect = pixel_aspect(frame.spacing_mm, frame.pixel_aspect)
    return Guard(guard).content(frame, preprocess.geometry(height, width, aspect=aspect).roi_px)
