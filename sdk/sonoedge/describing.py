"""From a frame and one of its regions to a description. It never raises."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from sonoedge.analysis import Reason, Region
from sonoedge.description import (
    Described,
    Description,
    NotDescribed,
    NotDescribedReason,
)
from sonoedge.foreign_error import describe_foreign
from sonoedge.frame_form import geometry_of
from sonoedge.frames import Frame
from sonoedge.guard import Guard, GuardSettings, detail
from sonoedge.measure import MeasureSettings, measure
from sonoedge.processing.geometry import Geometry, pixel_aspect
from sonoedge.processing.preprocess import Pixels, Preprocess, PreprocessSpec
from sonoedge.words import sentence, words

if TYPE_CHECKING:
    from sonoedge.beside import Beside


class Describer:
    """Describes regions as a bundle says; any number of threads may call it.

    Args:
        settings: what is measured.
        preprocess: where the picture lies in a frame.
        guard: which frames are fit to be described: those that are fit to be analysed, but
            that a picture that stands still may well be described.
        beside: heads, certainty and clinical coefficients of the bundle; None has none.
    """

    def __init__(
        self,
        settings: MeasureSettings,
        preprocess: PreprocessSpec,
        guard: GuardSettings,
        beside: Beside | None = None,
    ) -> None:
        self._settings = settings
        self._preprocess = preprocess
        self._beside = beside
        self._guard = dataclasses.replace(guard, frozen_after_ms=None)

    def __call__(
        self, frame: Frame, region: Region, examination: Mapping[str, float | None] | None = None
    ) -> Description:
        """Describe a region of this very frame."""
        try:
            description = self._describe(frame, region)
            if self._beside is None or not isinstance(description, Described):
                return description
            values = examination if isinstance(examination, Mapping) else {}
            return self._beside.complete(description, region, values)
        except Exception as error:  # noqa: BLE001 - the promise: a region never raises
            return NotDescribed(
                reason=NotDescribedReason.INTERNAL_ERROR, detail=describe_foreign(error)
            )

    def close(self) -> None:
        """Give the heads' engines back; closing twice is harmless."""
        if self._beside is not None:
            self._beside.close()

    def _describe(self, frame: Frame, region: Region) -> Description:
        placed = self._placed(frame)
        if not isinstance(placed, Geometry):
            reason, why = placed
            text = f"{reason.value}: {why}" if why else reason.value
            return NotDescribed(reason=NotDescribedReason.FRAME_NOT_ANALYSED, detail=text)
        fault = _region_fault(frame.pixels, region)
        if fault:
            return NotDescribed(reason=NotDescribedReason.REGION_INVALID, detail=fault)
        measures = measure(
            _grey(frame.pixels),
            region,
            settings=self._settings,
            aspect=pixel_aspect(frame.spacing_mm, frame.pixel_aspect),
            within_px=placed.roi_px,
        )
        if measures is None:
            return NotDescribed(
                reason=NotDescribedReason.REGION_TOO_SMALL,
                detail="the region has fewer than 16 pixels",
            )
        if self._settings.words is None:
            return Described(measures=measures)
        named = words(measures, self._settings.words)
        return Described(measures=measures, words=named, sentence=sentence(named))

    def _placed(self, frame: Frame) -> Geometry | tuple[Reason, str]:
        """Where the picture lies in a frame that is fit to be described; else why it is not."""
        # A preprocessing of its own: that of the analyser belongs to the analyser's thread.
        geometry = geometry_of(frame, self._guard, Preprocess(self._preprocess))
        if not isinstance(geometry, Geometry):
            return geometry
        reason = Guard(self._guard).content(frame, geometry.roi_px)
        if reason is not None:
            return reason, detail(reason, frame, self._guard, geometry.roi_px)
        return geometry


def _region_fault(pixels: Pixels, region: Region) -> str:
    """What is wrong with a region's outline, for this frame; "" where nothing is."""
    points: Any = getattr(region, "contour_px", None)
    if not isinstance(points, np.ndarray) or points.dtype.kind != "i":
        return "contour_px must be an array of whole numbers"
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 3:
        return "contour_px must be three points or more, (x, y)"
    height, width = pixels.shape[:2]
    if points.min() < 0 or points[:, 0].max() >= width or points[:, 1].max() >= height:
        return "the region lies outside the frame: it is of another one"
    return ""


def _grey(pixels: Pixels) -> Pixels:
    if pixels.ndim == 2:
        return pixels
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
