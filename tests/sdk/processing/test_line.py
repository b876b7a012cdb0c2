from __future__ import annotations

import cv2
import numpy as np
import pytest

from sonoedge.analysis import Region
from sonoedge.errors import InvalidSettings
from sonoedge.processing.geometry import fit
from sonoedge.processing.postprocess import PostprocessSpec, regions

SPEC = PostprocessSpec(
    labels=("needle",), positive=("needle",), min_area_input_px=20, geometry="line"
)
# A 512 x 384 source in a 256 x 256 input, read at half of it: a map cell is 4 source pixels.
GEOMETRY = fit(roi_px=(0, 0, 512, 384), input_hw=(256, 256), policy="letterbox")
SOURCE = (384, 512)
MIDDLE, HALF = np.array((256.0, 192.0)), 100.0
ANGLES = tuple(range(-90, 90, 9))


def bar(angle_deg: float, *, aspect: float = 1.0, wide: float = 10.0) -> np.ndarray:
    """A map of a bar of 200 source pixels, as a network of the source would draw it."""
    y, x = np.mgrid[0:128, 0:128]
    at = GEOMETRY.to_source(np.stack([x.ravel(), y.ravel()], 1), (128, 128)) - MIDDLE
    at[:, 0] *= aspect
    angle = np.radians(angle_deg)
    along = np.array((np.cos(angle), np.sin(angle)))
    far, off = at @ along, at @ np.array((-along[1], along[0]))
    inside = np.minimum(HALF - np.abs(far), wide / 2 - np.abs(off))
    level = 1 / (1 + np.exp(-inside))
    return np.rint(255 * level).astype(np.uint8).reshape(1, 1, 128, 128)


def found(lesion: np.ndarray, **more: float) -> Region:
    (region,) = regions(SPEC, {"lesion_map": lesion}, GEOMETRY, source_hw=SOURCE, **more)
    return region


def test_there_are_twenty_angles() -> None:
    assert len(ANGLES) == 20


@pytest.mark.req("R86")
@pytest.mark.parametrize("angle", ANGLES)
def test_a_drawn_bar_comes_back_within_a_degree_and_two_pixels(angle: float) -> None:
    line = found(bar(angle)).line
    assert line is not None
    off = (line.angle_deg - angle + 90) % 180 - 90
    assert abs(off) < 1
    along = np.array((np.cos(np.radians(angle)), np.sin(np.radians(angle))))
    across = np.array((-along[1], along[0]))
    ends = np.array(line.ends_px) - MIDDLE
    assert np.abs(ends @ across).max() < 2
    # 2 % of the cells lie beyond either end; a cell is 4 pixels long.
    assert np.abs(np.abs(ends @ along) - 0.96 * HALF).max() < 3
    assert line.ends_px[0][1] <= line.ends_px[1][1]


@pytest.mark.req("R86")
def test_millimetres_come_from_the_spacing_and_from_nowhere_else() -> None:
    assert found(bar(30)).line.length_mm is None  # type: ignore[union-attr]
    tensors = {"lesion_map": bar(30)}
    (region,) = regions(SPEC, tensors, GEOMETRY, source_hw=SOURCE, spacing_mm=(0.1, 0.1))
    assert region.line is not None
    assert region.line.length_mm == pytest.approx(0.1 * region.line.length_px)
    assert region.line.length_mm == pytest.approx(19.2, abs=0.4)


def test_an_angle_is_that_in_the_body_where_pixels_are_not_square() -> None:
    line = found(bar(40, aspect=1.5), aspect=1.5).line
    assert line is not None
    assert line.angle_deg == pytest.approx(40, abs=1)


def test_a_region_of_one_cell_has_a_line_of_no_length() -> None:
    lesion = np.zeros((1, 1, 128, 128), np.uint8)
    lesion[0, 0, 64, 64] = 255
    spec = PostprocessSpec(labels=("a",), positive=("a",), min_area_input_px=0, geometry="line")
    (region,) = regions(spec, {"lesion_map": lesion}, GEOMETRY, source_hw=SOURCE)
    assert region.line is not None
    assert region.line.length_px == 0


def test_a_disc_has_a_line_and_other_geometries_have_none() -> None:
    lesion = np.zeros((1, 1, 128, 128), np.uint8)
    cv2.circle(lesion[0, 0], (64, 64), 20, 255, -1)
    assert found(lesion).line is not None
    spec = PostprocessSpec(labels=("a",), positive=("a",))
    (region,) = regions(spec, {"lesion_map": lesion}, GEOMETRY, source_hw=SOURCE)
    assert region.line is None


def test_another_geometry_is_refused() -> None:
    with pytest.raises(InvalidSettings, match="geometry"):
        PostprocessSpec(labels=("a",), positive=("a",), geometry="dot")  # type: ignore[arg-type]
