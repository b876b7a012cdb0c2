"""A probe that touches nothing: bright near field, and no structure at depth.

In air a probe shows reverberations in its own lens, bands near the top that fade
within the first third of the depth, and then the receiver's noise floor. Averaged over
small areas that floor is smooth, across and along the depth; tissue is not.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

_LEFT, _RIGHT = 0.35, 0.65  # the middle lies in every sector's cone, and arcs are flat there
_COLUMNS, _ROWS = 8, 32
_FADING = slice(8, 13)  # 25 % to 40 % of the depth: the last bands, at most
_DEEP = slice(13, 30)  # 40 % to 94 %: noise alone
_NEAR = slice(0, 10)
_FALL = 30.0  # grey levels from the brightest near area down to the noise floor
_FADING_SPREAD = 0.13  # across, relative to the level: bands are even, tissue is not
_RESIDUE = (2.5, 0.05)  # grey levels of averaged noise, plus its share of the noise's level


def in_air(picture: npt.NDArray[np.uint8], structure: float) -> bool:
    """True where a picture is one of a probe in air.

    Args:
        picture: uint8 (H, W) or (H, W, 3), its top where the probe is.
        structure: how much structure at depth still counts as none, 1 for what averaged
            noise shows.
    """
    width = picture.shape[1]
    left = int(width * _LEFT)
    strip = picture[:, left : max(left + 1, int(width * _RIGHT))]
    small = cv2.resize(strip, (_COLUMNS, _ROWS), interpolation=cv2.INTER_AREA)
    if small.ndim == 3:
        small = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    areas: npt.NDArray[np.float32] = small.astype(np.float32)
    deep = areas[_DEEP]
    level = float(deep.mean())
    if float(areas[_NEAR].max()) - level < _FALL:
        return False
    floor, share = _RESIDUE
    if _residue(deep) > structure * (floor + share * level):
        return False
    fading = areas[_FADING]
    across = float((fading - fading.mean(axis=1, keepdims=True)).std())
    return across <= _FADING_SPREAD * (float(fading.mean()) + 10.0)


_DEPTH = np.arange(_DEEP.stop - _DEEP.start, dtype=np.float32)
_DEPTH -= _DEPTH.mean()


def _residue(deep: npt.NDArray[np.float32]) -> float:
    """What is left of the areas after a straight line along the depth: standard deviation."""
    left: npt.NDArray[np.float32] = deep - deep.mean()
    slope = float(_DEPTH @ left.mean(axis=1)) / float(_DEPTH @ _DEPTH)
    left -= slope * _DEPTH[:, None]
    return float(left.std())
