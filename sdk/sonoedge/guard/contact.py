"""A probe that touches nothing: bright near field, and no structure at depth.

In air a probe shows reverberations in its own lens, bands near the top that fade
within the first third of the depth, and then the receiver's noise floor. Averaged over
small areas that floor is smooth, and time gain compensation keeps it level or lifts it
with depth; tissue is uneven, and echoes behind the lung's surface go on fading.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

_LEFT, _RIGHT = 0.3, 0.7  # the middle lies in every sector's cone, and arcs are flat there
_COLUMNS, _ROWS = 8, 32
_FADING = slice(8, 13), slice(2, 6)  # 25 % to 40 % of the depth: the last bands, at most
_DEEP = slice(13, 30)  # 40 % to 94 %: noise alone
_NEAR = slice(0, 10), slice(3, 5)  # a phased array's surface is hardly wider
_SAMPLE_ROWS = np.arange(6 * _ROWS)  # rows looked at: neighbours hold nearly the same noise
_GLANCE_ROWS = 64  # at most so many at first
_AT_A_GLANCE = 1.4  # by how much those must exceed the limit
_FALL = 30.0  # grey levels from the brightest near row down to the noise floor
_FADING_SPREAD = 0.12  # across, relative to the level: bands are even, tissue is not
_RESIDUE = (2.0, 0.07)  # grey levels of averaged noise, plus its share of the noise's level
_HIGHEST = 120.0  # grey levels: no noise floor is brighter
_DROP = (1.0, 0.08)  # grey levels that a floor may fall over its depth, plus its share


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
    if _plainly_uneven(strip, structure):
        return False
    # Levels are summed as whole numbers: any order of adding gives the same.
    areas: npt.NDArray[np.int64] = _areas(strip).astype(np.int64)
    deep = areas[_DEEP]
    level = int(deep.sum()) / deep.size
    near = areas[_NEAR]
    brightest = int(near.sum(axis=1).max()) / near.shape[1]
    if brightest - level < _FALL or level > _HIGHEST:
        return False
    if _residue(deep, level) > _noise(level, structure):
        return False
    fading = areas[_FADING]
    lines = fading.sum(axis=1)
    squares = fading.shape[1] * int((fading * fading).sum()) - int((lines * lines).sum())
    across = math.sqrt(squares / (fading.size * fading.shape[1]))
    return across <= _FADING_SPREAD * (int(lines.sum()) / fading.size + 10.0)


def _plainly_uneven(strip: npt.NDArray[np.uint8], structure: float) -> bool:
    """True where every so many rows show more structure across than noise can.

    Whatever line is drawn along the depth, the residue is at least what the halves of
    each row differ by: two numbers' squared distance from any third is at least half
    their squared difference. Nearly every picture of a body ends here.
    """
    height, width = strip.shape[:2]
    if height < _GLANCE_ROWS or width < 2 * _COLUMNS:
        return False
    rows = strip[:: -(-height // _GLANCE_ROWS), : width // _COLUMNS * _COLUMNS]
    count = len(rows) // 2
    areas = _means(rows[: 2 * count], count)
    deep = areas[round(count * _DEEP.start / _ROWS) : round(count * _DEEP.stop / _ROWS)]
    half = _COLUMNS // 2
    distance = round(cv2.norm(deep[:, :half], deep[:, half:], cv2.NORM_L2SQR)) / 2
    limit = _AT_A_GLANCE * _noise(cv2.mean(deep)[0], structure)
    return distance > limit * limit * deep.size


def _noise(level: float, structure: float) -> float:
    """The residue that averaged noise of this level may have, in grey levels."""
    floor, share = _RESIDUE
    return structure * (floor + share * level)


def _areas(strip: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Grey means over areas, (_ROWS, _COLUMNS), of the whole depth.

    Whole blocks of pixels alone are averaged: OpenCV's fractional areas are many times as
    slow. So a fixed number of rows is taken, spread evenly, and the columns that do not
    fill a block, at the right, are left out. A strip of fewer columns repeats some.
    """
    height, width = strip.shape[:2]
    if width < _COLUMNS:
        strip = np.take(strip, np.arange(_COLUMNS) * width // _COLUMNS, axis=1)
    else:
        strip = strip[:, : width // _COLUMNS * _COLUMNS]
    return _means(np.take(strip, _SAMPLE_ROWS * height // len(_SAMPLE_ROWS), axis=0), _ROWS)


def _means(rows: npt.NDArray[np.uint8], count: int) -> npt.NDArray[np.uint8]:
    """Grey means over whole blocks, shape (count, _COLUMNS)."""
    if rows.shape[1] % (2 * _COLUMNS) == 0:  # halving is what OpenCV does fastest
        half = (rows.shape[1] // 2, len(rows) // 2)
        rows = np.asarray(cv2.resize(rows, half, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    small = cv2.resize(rows, (_COLUMNS, count), interpolation=cv2.INTER_AREA)
    if small.ndim == 3:
        small = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    return np.asarray(small, dtype=np.uint8)


_DEPTH = np.arange(_DEEP.stop - _DEEP.start) - (_DEEP.stop - _DEEP.start - 1) // 2
_SPREAD = int(_DEPTH @ _DEPTH)


def _residue(deep: npt.NDArray[np.int64], level: float) -> float:
    """What is left after the straight line along the depth that a noise floor may follow."""
    drop, share = _DROP
    along = int((_DEPTH * deep.sum(axis=1)).sum())
    spread = deep.shape[1] * _SPREAD
    slope = max(along / spread, -(drop + share * level) / (len(_DEPTH) - 1))
    squares = deep.size * int((deep * deep).sum()) - int(deep.sum()) ** 2
    # The depths' mean is 0, so that the line takes nothing from the mean.
    left = squares / deep.size - 2.0 * slope * along + slope * slope * spread
    return math.sqrt(max(left, 0.0) / deep.size)
