"""What a DICOM ultrasound header says of its frames: region, spacing, times, probe.

Everything here reads attributes of a header and imports no DICOM library.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

from sonoedge.frames import FrameMeta

_TISSUE: Final = (1, 1)  # RegionSpatialFormat 2D, RegionDataType tissue
_CENTIMETRES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class TissueRegion:
    """Where the B-mode picture lies, and how large its pixels are.

    Attributes:
        roi_px: (x0, y0, x1, y1); right and bottom are exclusive.
        spacing_mm: (rows, columns), or None where the units are not lengths.
    """

    roi_px: tuple[int, int, int, int]
    spacing_mm: tuple[float, float] | None


def tissue_region(header: Any, *, width: int, height: int) -> TissueRegion | None:
    """The largest two-dimensional tissue region of SequenceOfUltrasoundRegions.

    None where there is none, or where a tissue region reaches beyond the picture: then
    the picture was cropped or scaled after the table was written, and neither its
    places nor its spacing can be trusted. PixelSpacing is never read: in ultrasound
    it says nothing of the regions.
    """
    found = [
        _region(item)
        for item in header.get("SequenceOfUltrasoundRegions") or ()
        if (item.get("RegionSpatialFormat"), item.get("RegionDataType")) == _TISSUE
    ]
    regions = [region for region in found if region is not None]
    # Some scanners write the right and bottom as exclusive: one pixel more is accepted.
    if any(r.roi_px[2] > width + 1 or r.roi_px[3] > height + 1 for r in regions):
        return None
    largest = max(regions, key=lambda r: _area(r.roi_px), default=None)
    if largest is None:
        return None
    x0, y0, x1, y1 = largest.roi_px
    return TissueRegion(
        roi_px=(x0, y0, min(x1, width), min(y1, height)), spacing_mm=largest.spacing_mm
    )


def times_s(header: Any, count: int) -> tuple[float, ...] | None:
    """Seconds of each frame from the first, or None where the header has no times."""
    vector = header.get("FrameTimeVector")
    vector = [] if vector is None else [vector] if isinstance(vector, int | float) else vector
    steps = [_number(step) for step in vector]
    if len(steps) == count and all(step is not None and step >= 0 for step in steps[1:]):
        total, times = 0.0, [0.0]
        for step in steps[1:]:
            total += (step or 0.0) / 1e3
            times.append(total)
        if count == 1 or total > 0:
            return tuple(times)
    period_s = _period_s(header)
    return None if period_s is None else tuple(i * period_s for i in range(count))


def frame_meta(header: Any) -> FrameMeta:
    """Probe and depth; nothing of the patient is read."""
    probe = header.get("TransducerData") or None
    if probe is not None and not isinstance(probe, str):
        probe = str(probe[0])
    depth_mm = _number(header.get("DepthOfScanField"))
    return FrameMeta(probe=probe, depth_mm=depth_mm if depth_mm and depth_mm > 0 else None)


def _region(item: Any) -> TissueRegion | None:
    try:
        x0, y0 = int(item.RegionLocationMinX0), int(item.RegionLocationMinY0)
        x1, y1 = int(item.RegionLocationMaxX1) + 1, int(item.RegionLocationMaxY1) + 1
    except (AttributeError, TypeError, ValueError):
        return None
    if not (0 <= x0 < x1 and 0 <= y0 < y1):
        return None
    return TissueRegion(roi_px=(x0, y0, x1, y1), spacing_mm=_spacing_mm(item))


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


def _area(box: tuple[int, int, int, int]) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])
