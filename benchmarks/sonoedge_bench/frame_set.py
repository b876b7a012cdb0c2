"""The frames that a benchmark shows to the engines: real ones, read before anything is timed."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge import Frame
from sonoedge.bundle import Bundle
from sonoedge.errors import SourceError
from sonoedge.sources import open_source

Pixels = npt.NDArray[np.uint8]
MOST = 256  # frames kept of a source: 79 MB of 640 x 480


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrameSet:
    """Frames, shown over and over: a source's in their order, stills in a shuffled one.

    Stills are few. In a fixed round an engine that is too slow would, at a bad ratio, be
    given one and the same picture again and again, and the guard would call it frozen.

    Attributes:
        name: "golden" or "source"; a file's name may be a patient's, and documents travel.
        frames: two or more; their capture times mean nothing.
        order: which frame is shown when, then again from its beginning.
        sha256: over pixels, sizes and order: equal digests are equal frames in equal order.
    """

    name: str
    frames: tuple[Frame, ...]
    order: tuple[int, ...]
    sha256: str

    def index(self, number: int) -> int:
        """Which of the frames is number `number` of an endless run."""
        return self.order[number % len(self.order)]

    def at(self, number: int, captured_ns: int | None = None) -> Frame:
        """Frame `number` of an endless run, captured at this moment of the clock, or now."""
        frame = self.frames[self.index(number)]
        captured = time.monotonic_ns() if captured_ns is None else captured_ns
        return Frame(
            pixels=frame.pixels,
            captured_ns=captured,
            spacing_mm=frame.spacing_mm,
            roi_px=frame.roi_px,
            meta=frame.meta,
            pixel_aspect=frame.pixel_aspect,
        )

    @property
    def sizes(self) -> tuple[tuple[int, int], ...]:
        """(width, height) of the frames, each size once."""
        shapes = sorted({f.pixels.shape[:2] for f in self.frames})
        return tuple((width, height) for height, width in shapes)


def frame_set(bundle: Bundle, source: str | None, size: tuple[int, int] | None) -> FrameSet:
    """The bundle's golden frames and their mirror images, or the first 256 of a source.

    Args:
        size: (width, height) to resize the frames to, or None.

    Raises:
        SourceError: the source cannot be read, or gives no frame.
        BundleError: a golden frame is damaged.
    """
    if source is None:
        name, frames = "golden", [Frame(pixels=p) for p in bundle.golden_frames()]
        frames += [_mirrored(frame) for frame in frames]
    else:
        with open_source(source) as opened:
            name, frames = "source", list(islice(opened, MOST))
    if not frames:
        raise SourceError(f"{source} gives no frame; a benchmark needs at least one")
    if size is not None:
        frames = [_resized(frame, size) for frame in frames]
    if len(frames) == 1:  # one picture alone would be a frozen one
        frames.append(_mirrored(frames[0]))
    order = _shuffled(len(frames)) if source is None else tuple(range(len(frames)))
    digest = hashlib.sha256(repr(order).encode())
    for frame in frames:
        digest.update(repr(frame.pixels.shape).encode())
        digest.update(np.ascontiguousarray(frame.pixels).tobytes())
    return FrameSet(name=name, frames=tuple(frames), order=order, sha256=digest.hexdigest())


def _mirrored(frame: Frame) -> Frame:
    return Frame(pixels=np.ascontiguousarray(frame.pixels[:, ::-1]))


def _shuffled(count: int, length: int = 1021, seed: int = 1) -> tuple[int, ...]:
    """Indices in an order in which none follows itself; the last does not equal the first."""
    rng, order = np.random.default_rng(seed), [0]
    while len(order) < length:
        order.append(int((order[-1] + rng.integers(1, count)) % count))
    if order[-1] == order[0]:
        order.pop()
    return tuple(order)


def _resized(frame: Frame, size: tuple[int, int]) -> Frame:
    (height, width), (to_width, to_height) = frame.pixels.shape[:2], size
    across, down = to_width / width, to_height / height
    spacing, roi, aspect = frame.spacing_mm, frame.roi_px, frame.pixel_aspect
    if roi is not None:
        roi = (
            int(roi[0] * across),
            int(roi[1] * down),
            max(int(roi[0] * across) + 1, round(roi[2] * across)),
            max(int(roi[1] * down) + 1, round(roi[3] * down)),
        )
    pixels = cv2.resize(frame.pixels, size, interpolation=cv2.INTER_AREA)
    return Frame(
        pixels=np.asarray(pixels, dtype=np.uint8),
        spacing_mm=None if spacing is None else (spacing[0] / down, spacing[1] / across),
        roi_px=roi,
        meta=frame.meta,
        pixel_aspect=None if aspect is None else aspect * down / across,
    )
