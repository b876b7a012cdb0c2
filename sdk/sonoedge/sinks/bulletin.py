"""What a peer is told of one analysis, as OpenIGTLink messages.

The state comes before the contours, and a frame that was not analysed comes with an empty
POLYDATA: contours of an earlier frame would otherwise stay on the viewer's picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from sonoedge.analysis import Analysed, Analysis, NotAnalysed, Region
from sonoedge.igtl.outgoing import (
    NOT_READY,
    OK,
    Points,
    Version,
    image_content,
    message,
    polydata_content,
    status_content,
    string_content,
)
from sonoedge.outputs.wording import verdict

STATE: Final = "sonoedge"
REGIONS: Final = "SonoedgeRegions"
PICTURE: Final = "SonoedgePicture"
_MOST_REGIONS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bulletin:
    """What there is to say.

    Attributes:
        code, name, text: of the STATUS; the text is the STRING as well.
        contours: float32, (N, 3) each, in millimetres where the frame had a spacing.
        pixels, spacing_mm: of the picture to show, uint8, (H, W, 3) BGR, and (rows, columns); None
            where nobody asked for it.
    """

    code: int
    name: str
    text: str
    contours: tuple[Points, ...] = ()
    pixels: npt.NDArray[np.uint8] | None = None
    spacing_mm: tuple[float, float] | None = None

    def messages(self, version: Version) -> bytes:
        """All of it, ready to be sent."""
        parts = [
            message("STATUS", STATE, status_content(self.code, self.name, self.text), version),
            message("STRING", STATE, string_content(self.text), version),
            message("POLYDATA", REGIONS, polydata_content(self.contours), version),
        ]
        if self.pixels is not None:
            picture = image_content(self.pixels, self.spacing_mm)
            parts.append(message("IMAGE", PICTURE, picture, version))
        return b"".join(parts)


def bulletin(analysis: Analysis) -> Bulletin:
    """What an analysis comes to."""
    if isinstance(analysis, NotAnalysed):
        reasons = [reason.value for reason in analysis.reasons]
        return not_analysed(reasons[0] if reasons else "NOT_ANALYSED", ", ".join(reasons))
    shown = analysis.regions[:_MOST_REGIONS]
    more = len(analysis.regions) - len(shown)
    text = str(verdict(analysis)) + (f"; {more} more regions are not sent" if more else "")
    return Bulletin(
        code=OK,
        name="ANALYSED",
        text=f"{text}. Research use - not for diagnosis.",
        contours=tuple(_points(region) for region in shown),
        spacing_mm=_spacing(analysis),
    )


def not_analysed(token: str, why: str) -> Bulletin:
    """That there is no result, and why; it never reads as a picture without findings."""
    return Bulletin(code=NOT_READY, name=token, text=f"NOT ANALYSED: {why}")


def _points(region: Region) -> Points:
    rows, columns = _pixel_mm(region) or (1.0, 1.0)
    contour = region.contour_px.reshape(-1, 2)
    points = np.zeros((len(contour), 3), np.float32)
    points[:, 0], points[:, 1] = contour[:, 0] * columns, contour[:, 1] * rows
    return points


def _spacing(analysis: Analysed) -> tuple[float, float] | None:
    return next((mm for mm in map(_pixel_mm, analysis.regions) if mm is not None), None)


def _pixel_mm(region: Region) -> tuple[float, float] | None:
    """(rows, columns) millimetres per pixel, as the region's box has it in both units."""
    x0, y0, x1, y1 = region.box_px
    if region.box_mm is None or x1 <= x0 or y1 <= y0:
        return None
    return region.box_mm[1] / (y1 - y0), region.box_mm[0] / (x1 - x0)
