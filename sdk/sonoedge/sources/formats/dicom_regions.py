"""What a DICOM ultrasound header says of its frames: region, spacing, times, probe.

Everything here reads attributes of a header and imports no DICOM library.
"""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any, Final

from sonoedge.frames import FrameMeta

_TISSUE: Final = (1, 1)  # RegionSpatialFormat 2D, RegionDataType tissue
_CENTIMETRES: Final = 3
_LONGEST_SCANNER: Final = 64  # characters: what DICOM allows each of its two attributes

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class TissueRegion:
    """Where the B-mode picture lies, and how large its pixels are.

    Attributes:
        roi_px: (x0, y0, x1, y1); right and bottom are exclusive.
        spacing_mm: (rows, columns), or None where the units are not lengths.
    """

    roi_px: Box
    spacing_mm: tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameTimes:
    """When each frame was taken.

    Attributes:
        period_s: seconds from frame to frame, where they are equal.
        vector_s: seconds of each frame from the first, where they are not.
    """

    period_s: float = 0.0
    vector_s: tuple[float, ...] | None = None

    def at_s(self, index: int) -> float:
        """Seconds from the first frame."""
        return index * self.period_s if self.vector_s is None else self.vector_s[index]

    def fps(self, count: int) -> float | None:
        """Frames per second of so many frames; None where they span no time."""
        span_s = self.at_s(count - 1)
        return (count - 1) / span_s if span_s > 0 else None


def tissue_regions(header: Any, *, width: int, height: int) -> tuple[TissueRegion, ...]:
    """The two-dimensional tissue regions of SequenceOfUltrasoundRegions, the largest first.

    A region inside another one is left out: it shows nothing more. There are none where
    a tissue region reaches beyond the picture: then the picture was cropped or scaled
    after the table was written, and neither its places nor its spacing can be trusted.
    PixelSpacing is never read: in ultrasound it says nothing of the regions.
    """
    tissue = [
        _region(item)
        for item in header.get("SequenceOfUltrasoundRegions") or ()
        if (item.get("RegionSpatialFormat"), item.get("RegionDataType")) == _TISSUE
    ]
    regions = [region for region in tissue if region is not None]
    # Some scanners write the right and bottom as exclusive: one pixel more is accepted.
    if any(r.roi_px[2] > width + 1 or r.roi_px[3] > height + 1 for r in regions):
        return ()
    separate: list[TissueRegion] = []
    for region in sorted(regions, key=lambda r: _area(r.roi_px), reverse=True):
        if not any(_inside(region.roi_px, larger.roi_px) for larger in separate):
            separate.append(region)
    return tuple(_cut(region, width, height) for region in separate)


def frame_times(header: Any, count: int) -> FrameTimes | None:
    """When each frame was taken, or None where the header does not say."""
    vector = header.get("FrameTimeVector")
    vector = [] if vector is None else [vector] if isinstance(vector, int | float) else vector
    if len(vector) == count:
        steps = [_number(step) for step in vector]
        if all(step is not None and step >= 0 for step in steps[1:]):
            times_s = (0.0, *accumulate((step or 0.0) / 1e3 for step in steps[1:]))
            if count == 1 or times_s[-1] > 0:
                return FrameTimes(vector_s=times_s)
    period_s = _period_s(header)
    return None if period_s is None else FrameTimes(period_s=period_s)


def frame_meta(header: Any, file: str | None = None) -> FrameMeta:
    """Probe and depth; nothing of the patient is read.

    Args:
        file: the file's name.
    """
    probe = header.get("TransducerData") or None
    if probe is not None and not isinstance(probe, str):
        probe = str(probe[0])
    depth_mm = _number(header.get("DepthOfScanField"))
    return FrameMeta(
        probe=probe, depth_mm=depth_mm if depth_mm and depth_mm > 0 else None, file=file
    )


def scanner(header: Any) -> str | None:
    """The scanner's maker and model; no number or name of the very machine."""
    words = (header.get("Manufacturer"), header.get("ManufacturerModelName"))
    text = " ".join(str(word).strip() for word in words if word)
    return text[:_LONGEST_SCANNER] or None


def month(header: Any) -> str | None:
    """When the pictures were taken, "2026-03"; a day would say more of the patient."""
    for name in ("AcquisitionDate", "ContentDate", "StudyDate"):
        match = re.match(r"([12][0-9]{3})\.?(0[1-9]|1[0-2])", str(header.get(name) or ""))
        if match:
            return f"{match[1]}-{match[2]}"
    return None


def study(header: Any) -> str | None:
    """A digest of the study's identifier, which leads to the patient where it is known."""
    uid = str(header.get("StudyInstanceUID") or "").strip()
    return hashlib.sha256(uid.encode(errors="replace")).hexdigest()[:16] if uid else None


def _region(item: Any) -> TissueRegion | None:
    try:
        x0, y0 = int(item.RegionLocationMinX0), int(item.RegionLocationMinY0)
        x1, y1 = int(item.RegionLocationMaxX1) + 1, int(item.RegionLocationMaxY1) + 1
    except (AttributeError, TypeError, ValueError):
        return None
    if not (0 <= x0 < x1 and 0 <= y0 < y1):
        return None
    return TissueRegion(roi_px=(x0, y0, x1, y1), spacing_mm=_spacing_mm(item))


def _cut(region: TissueRegion, width: int, height: int) -> TissueRegion:
    x0, y0, x1, y1 = region.roi_px
    return replace(region, roi_px=(x0, y0, min(x1, width), min(y1, height)))


def _inside(box: Box, outer: Box) -> bool:
    return all(box[i] >= outer[i] for i in (0, 1)) and all(box[i] <= outer[i] for i in (2, 3))


def _spacing_mm(item: Any) -> tuple[float, float] | None:
    units = (item.get("PhysicalUnitsXDirection"), item.get("PhysicalUnitsYDirection"))
    x_cm, y_cm = _number(item.get("PhysicalDeltaX")), _number(item.get("PhysicalDeltaY"))
    if units != (_CENTIMETRES, _CENTIMETRES) or not x_cm or not y_cm:
        return None
    return abs(y_cm) * 10, abs(x_cm) * 10  # the sign is the axis's direction


def _period_s(header: Any) -> float | None:
    period_ms = _number(header.get("FrameTime"))
    if period_ms and period_ms > 0:
        return period_ms / 1e3
    for name in ("CineRate", "RecommendedDisplayFrameRate"):
        rate = _number(header.get(name))
        if rate and rate > 0:
            return 1 / rate
    return None


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])
