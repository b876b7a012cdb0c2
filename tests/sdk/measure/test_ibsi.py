"""The reference values of IBSI 1's digital phantom, to three significant digits.

Zwanenburg et al. 2020, Radiology 295:328; the phantom and its values: CC BY 4.0. The phantom
has four slices: texture is that of each slice, averaged; first order is of all voxels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pytest

from sonoedge.measure import first_order as first
from sonoedge.measure import glcm as pairs
from sonoedge.measure import glrlm as runs
from sonoedge.measure.levels import padded, strides

# 0: outside the region; levels 1 to 6, of which 2 and 5 are absent and count all the same.
PHANTOM: Final = (
    ((1, 4, 4, 1, 1), (1, 4, 6, 1, 1), (4, 1, 6, 4, 1), (4, 4, 6, 4, 1)),
    ((1, 4, 4, 1, 1), (1, 1, 6, 1, 1), (0, 1, 3, 1, 1), (4, 4, 6, 1, 1)),
    ((1, 4, 4, 0, 0), (1, 1, 1, 1, 1), (1, 1, 0, 1, 1), (1, 1, 6, 1, 1)),
    ((1, 4, 4, 0, 0), (1, 1, 1, 1, 1), (1, 1, 1, 1, 1), (1, 1, 6, 1, 1)),
)
COUNT: Final = 6

# fmt: off
GLCM_AVERAGED: Final = (
    .519, 2.14, 2.69, 2.05, 1.42, 2.90, 1.40, 4.28, 5.47, 1.60, .368, 5.28, 1.42, .678, .851,
    .619, .899, .0567, -.0121, 5.09, 5.47, 7.00, 79.1, -.155, .487,
)
GLCM_MERGED: Final = (
    .512, 2.14, 2.71, 2.24, 1.40, 3.06, 1.49, 4.29, 5.66, 1.79, .352, 5.19, 1.40, .683, .854,
    .625, .901, .0553, .0173, 5.14, 5.66, 6.98, 80.4, -.0341, .263,
)
GLRLM_AVERAGED: Final = (
    .641, 3.78, .604, 9.82, .294, 8.57, 3.14, 17.4, 5.20, .460, 6.12, .492, .627, 3.35, .761, 2.17,
)
GLRLM_MERGED: Final = (
    .661, 3.51, .609, 9.74, .311, 8.67, 2.92, 16.1, 20.5, .456, 21.6, .441, .627, 3.37, .778, 2.57,
)
FIRST_ORDER: Final = (  # the phantom's entropy belongs to another family of IBSI's: left out
    2.15, 3.05, 1.08, -.355, 1, 1, 1, 4, 6, 3, 5, 1.55, 1.11, 1.15, .812, .600, 567, 2.77,
)
# fmt: on

Floats = npt.NDArray[np.float64]


def test_the_reference_values_are_a_hundred() -> None:
    tables = (GLCM_AVERAGED, GLCM_MERGED, GLRLM_AVERAGED, GLRLM_MERGED, FIRST_ORDER)
    assert sum(map(len, tables)) == 100


def _slices(values: Callable[[Any, npt.NDArray[np.bool_]], list[float]]) -> Floats:
    """The mean over the slices of what each gives."""
    each = []
    for rows in PHANTOM:
        levels = np.array(rows)
        inside = levels > 0
        each.append(values(padded(levels - 1, inside, COUNT), inside))
    return np.mean(each, axis=0)


def _glcm(framed: Any, steps: tuple[int, ...]) -> list[float]:
    return pairs.glcm(pairs.pair_counts(framed, COUNT, steps))


def _glrlm(framed: Any, inside: npt.NDArray[np.bool_], steps: tuple[int, ...]) -> list[float]:
    places = int(inside.sum()) * len(steps)
    return runs.glrlm(runs.run_counts(framed, COUNT, steps), places)


def _by_direction(values: Callable[[Any, Any, tuple[int, ...]], list[float]]) -> Floats:
    def mean(framed: Any, inside: Any) -> list[float]:
        each = [values(framed, inside, (step,)) for step in strides(framed)]
        return [float(v) for v in np.mean(each, axis=0)]

    return _slices(mean)


@pytest.mark.req("R83")
@pytest.mark.parametrize(
    ("names", "values", "expected"),
    [
        (pairs.NAMES, lambda: _by_direction(lambda f, _, s: _glcm(f, s)), GLCM_AVERAGED),
        (pairs.NAMES, lambda: _slices(lambda f, _: _glcm(f, strides(f))), GLCM_MERGED),
        (runs.NAMES, lambda: _by_direction(_glrlm), GLRLM_AVERAGED),
        (runs.NAMES, lambda: _slices(lambda f, i: _glrlm(f, i, strides(f))), GLRLM_MERGED),
        (first.NAMES[:-1], lambda: first.first_order(_voxels())[:-1], FIRST_ORDER),
    ],
    ids=["glcm averaged", "glcm merged", "glrlm averaged", "glrlm merged", "first order"],
)
def test_values_are_the_reference_to_three_digits(
    names: tuple[str, ...], values: Callable[[], Any], expected: tuple[float, ...]
) -> None:
    got = values()
    rounded = {name: float(f"{v:.3g}") for name, v in zip(names, got, strict=True)}
    assert rounded == dict(zip(names, expected, strict=True))


def _voxels() -> npt.NDArray[np.uint8]:
    levels = np.array(PHANTOM, dtype=np.uint8).ravel()
    return levels[levels > 0]
