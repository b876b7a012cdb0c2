"""The outline of a resampled region: points at equal steps, and which way is out."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.measure.region import Cut

Complex = npt.NDArray[np.complex128]

POINTS: Final = 128
# Neighbours along the outline; `np.roll` takes several times as long.
NEXT: Final = np.arange(1, POINTS + 1) % POINTS
BEFORE: Final = np.arange(-1, POINTS - 1) % POINTS
_WHERE: Final = np.arange(POINTS) / POINTS


class Outline(NamedTuple):
    """The outer outline of a region's largest part, smoothed over five pixels.

    Attributes:
        points: complex, shape (POINTS,): x + iy in pixels of the cut, at equal steps.
        length: of the outline in pixels, above 0.
        area: that it encloses, in square pixels, above 0.
        outwards: unit vectors that point out of the region, one for each point.
    """

    points: Complex
    length: float
    area: float
    outwards: Complex


def outline_of(cut: Cut) -> Outline:
    """The outline of a cut's mask.

    It is taken from the mask: the frame's own outline may cross itself, and has its corners
    where the network's cells were.
    """
    found, _ = cv2.findContours(cut.mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    longest: Any = max(found, key=len)[:, 0, :]
    raw = longest[:, 0] + 1j * longest[:, 1]
    smooth = np.convolve(np.concatenate([raw[-2:], raw, raw[:2]]), np.full(5, 0.2), "valid")
    if len(raw) < 5:
        smooth = raw.astype(np.complex128)
    closed = np.append(smooth, smooth[0])
    gone = np.zeros(len(closed))
    np.cumsum(np.abs(closed[1:] - closed[:-1]), out=gone[1:])
    points: Complex = np.interp(_WHERE * gone[-1], gone, closed)
    following = points[NEXT]
    signed = float((points.conj() * following).imag.sum()) / 2
    along = following - points[BEFORE]
    size = np.abs(along)
    # With y downwards, a positive area runs clockwise on the screen: out is to the left.
    side = -1j if signed >= 0 else 1j
    return Outline(
        points=points,
        length=max(float(np.abs(following - points).sum()), 1.0),
        area=max(abs(signed), 1.0),
        outwards=side * along / np.maximum(size, 1e-9),
    )
