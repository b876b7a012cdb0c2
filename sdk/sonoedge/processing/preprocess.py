"""From a frame's pixels to a network's input: grey, region of interest, one resize, grey map.

Pixels that are not square become square in that one resize. This is the only
implementation: calibration, verification, live use and benchmarks all call it. It never
looks at the content of the image.

With `interpolation = "exact"`, every step is whole-number arithmetic, or one float32 product
that IEEE 754 rounds in one way. x86-64 and emulated aarch64 gave the same inputs
(docs/explanation/geometry.md). In this order:

1. the region of interest is cut out;
2. colour becomes grey: `(3735 b + 19235 g + 9798 r + 16384) >> 15`, which is OpenCV's
   `COLOR_BGR2GRAY`; a fourth channel, where a caller's format has one, is dropped before;
3. one resize to the placed size, as `sonoedge.processing.resize` defines it;
4. the grey map, if there is one, is looked up level by level.

What is not placed stays `pad_value`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.errors import InvalidSettings
from sonoedge.frames import Frame
from sonoedge.processing.geometry import Geometry, ResizePolicy, Roi, fit, pixel_aspect
from sonoedge.processing.resize import Step, earlier_steps, steps

Pixels = npt.NDArray[np.uint8]
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreprocessSpec:
    """How a frame becomes a network's input.

    Attributes:
        height: of the network's input, in pixels, 8 to 4096.
        width: of the network's input, in pixels, 8 to 4096.
        resize: "letterbox" (keeps the aspect, pads) or "stretch".
        pad_value: grey level of the padding, 0 to 255.
        roi: fixed region of interest, or None for the whole frame.
        grey_map: 256 grey levels, by that of the resized picture, or None for as it is: one
            map for all frames of a scanner or preset, never of the frame's own content (see
            `sonoedge_export.data.grey_map`). The padding stays `pad_value`.
        interpolation: "exact" is defined in whole numbers; "area" is what bundles were made
            with before it, and what a manifest without this key means. Both are defined in
            `sonoedge.processing.resize`.
    """

    height: int
    width: int
    resize: ResizePolicy = "letterbox"
    pad_value: int = 0
    roi: Roi | None = None
    grey_map: tuple[int, ...] | None = None
    interpolation: Literal["exact", "area"] = "exact"

    def __post_init__(self) -> None:
        if not (8 <= self.height <= 4096 and 8 <= self.width <= 4096):
            raise InvalidSettings("input height and width must be 8 to 4096 pixels")
        if self.resize not in ("letterbox", "stretch"):
            raise InvalidSettings(f"resize is {self.resize!r}; use 'letterbox' or 'stretch'")
        if not 0 <= self.pad_value <= 255:
            raise InvalidSettings("pad_value must be 0 to 255")
        if self.interpolation not in ("exact", "area"):
            raise InvalidSettings(f"interpolation is {self.interpolation!r}; use 'exact' or 'area'")
        if self.grey_map is not None:
            levels = self.grey_map
            if len(levels) != 256 or min(levels) < 0 or max(levels) > 255:
                raise InvalidSettings("grey_map must be 256 grey levels of 0 to 255")
            if any(a > b for a, b in itertools.pairwise(levels)):
                raise InvalidSettings("grey_map must not fall: a brighter echo stays brighter")


class Preprocess:
    """Preprocessing with its buffers.

    The array that a call returns is reused by the next call.

    Args:
        into: what is filled, uint8 [1, 1, height, width], such as an engine's own input; None
            takes memory of its own. Nobody else may write into it.
    """

    def __init__(self, spec: PreprocessSpec, into: Pixels | None = None) -> None:
        self.spec = spec
        shape = (1, 1, spec.height, spec.width)
        self._input: Pixels = np.empty(shape, dtype=np.uint8) if into is None else into
        self._input.fill(spec.pad_value)
        self._geometry: dict[tuple[int, int, Box | None, float], Geometry] = {}
        self._placed: tuple[int, int, int, int] | None = None
        self._grey: Pixels = np.empty((0, 0), dtype=np.uint8)
        self._small: Pixels = np.empty((0, 0), dtype=np.uint8)
        self._steps: Callable[[int, int, int, int], tuple[Step, Step | None]] = (
            steps if spec.interpolation == "exact" else earlier_steps
        )
        self._map: Pixels | None = None
        if spec.grey_map is not None:
            self._map = np.array(spec.grey_map, dtype=np.uint8)

    def geometry(
        self, height: int, width: int, roi_px: Box | None = None, aspect: float = 1.0
    ) -> Geometry:
        """The geometry of frames of this size.

        Args:
            roi_px: where the frame's source says the picture lies; the spec's own
                region of interest goes before it.
            aspect: a pixel's width over its height, as `geometry.pixel_aspect` gives it.

        Raises:
            InvalidSettings: the region of interest is empty in such a frame.
        """
        cached = self._geometry.get((height, width, roi_px, aspect))
        if cached is None:
            roi, spec = self.spec.roi, self.spec
            if roi is None and roi_px is not None:
                x0, y0, x1, y1 = roi_px
                box = (max(0, x0), max(0, y0), min(width, x1), min(height, y1))
            else:
                box = roi.box_px(height, width) if roi is not None else (0, 0, width, height)
            input_hw = (spec.height, spec.width)
            cached = fit(roi_px=box, input_hw=input_hw, policy=spec.resize, aspect=aspect)
            if len(self._geometry) > 64:
                self._geometry.clear()
            self._geometry[height, width, roi_px, aspect] = cached
        return cached

    def __call__(
        self, pixels: Pixels, roi_px: Box | None = None, aspect: float = 1.0
    ) -> tuple[Pixels, Geometry]:
        """Make the network's input, uint8 [1, 1, height, width].

        Args:
            pixels: uint8, (H, W) grey or (H, W, 3) in OpenCV's order BGR; not written to.
            roi_px, aspect: as in `geometry`.
        """
        geometry = self.geometry(pixels.shape[0], pixels.shape[1], roi_px, aspect)
        return self.fill(pixels, geometry), geometry

    def frame(self, frame: Frame) -> tuple[Pixels, Geometry]:
        """The input that a whole frame gives: by its region of interest and its pixels' shape."""
        aspect = pixel_aspect(frame.spacing_mm, frame.pixel_aspect)
        return self(frame.pixels, frame.roi_px, aspect)

    def fill(self, pixels: Pixels, geometry: Geometry) -> Pixels:
        """Make the network's input of a frame whose geometry is known already.

        Args:
            pixels: as in a call; not written to.
            geometry: of frames of this size, as `geometry` gives it.

        Returns:
            uint8 [1, 1, height, width], reused by the next call.
        """
        x0, y0, x1, y1 = geometry.roi_px
        u0, v0, u1, v1 = geometry.placed_px
        if self._placed != geometry.placed_px:
            self._input.fill(self.spec.pad_value)
            self._placed = geometry.placed_px
        picture = pixels[y0:y1, x0:x1]
        if picture.ndim == 3:
            self._grey = _sized(self._grey, picture.shape[0], picture.shape[1])
            picture = _uint8(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY, dst=self._grey))
        target = self._input[0, 0, v0:v1, u0:u1]
        self._resize(picture, target)
        if self._map is not None:
            np.copyto(target, cv2.LUT(target, self._map))
        return self._input

    def _resize(self, picture: Pixels, target: Pixels) -> None:
        """The resize that `processing.resize` defines, into the target."""
        (h, w), (height, width) = picture.shape, target.shape
        first, second = self._steps(w, h, width, height)
        if second is not None:
            columns, rows, how = first
            self._small = _sized(self._small, rows, columns)
            picture = _uint8(
                cv2.resize(picture, (columns, rows), dst=self._small, interpolation=how)
            )
            first = second
        if picture.shape != target.shape:
            how = first[2]
            resized = _uint8(cv2.resize(picture, (width, height), dst=target, interpolation=how))
            if resized is target:
                return
            picture = resized
        np.copyto(target, picture)


def _sized(buffer: Pixels, height: int, width: int) -> Pixels:
    """The buffer, or a new one where it is of another size: new memory costs page faults."""
    if buffer.shape == (height, width):
        return buffer
    return np.empty((height, width), dtype=np.uint8)


def _uint8(picture: cv2.typing.MatLike) -> Pixels:
    return np.asarray(picture, dtype=np.uint8)
