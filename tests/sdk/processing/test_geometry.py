from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from effort import repetitions
from sonoedge.errors import InvalidSettings
from sonoedge.processing.geometry import Geometry, ResizePolicy, Roi, fit, pixel_aspect
from sonoedge.processing.preprocess import Preprocess, PreprocessSpec

COUNT = repetitions(10_000)


def geometries(
    count: int, seed: int, *, square: bool = False
) -> Iterator[tuple[Geometry, tuple[int, int]]]:
    """Random regions of random frames into random inputs, and a map size for each.

    Sizes are drawn evenly by their logarithm, so that extreme aspects are among them; pixels
    are square or not, unless all are to be.
    """
    rng = np.random.default_rng(seed)
    for _ in range(count):
        height, width = np.exp(rng.uniform(np.log(8), np.log(4096), 2)).astype(int)
        rows, cols = np.exp(rng.uniform(np.log(8), np.log(2048), 2)).astype(int)
        x0, y0 = rng.integers(0, width), rng.integers(0, height)
        x1, y1 = rng.integers(x0 + 1, width + 1), rng.integers(y0 + 1, height + 1)
        policy: ResizePolicy = "letterbox" if rng.random() < 0.7 else "stretch"
        shrink = rng.choice([1, 2, 4, 8])
        aspect = 1.0 if square or rng.random() < 0.5 else 10 ** float(rng.uniform(-1, 1))
        placed = fit(
            roi_px=(int(x0), int(y0), int(x1), int(y1)),
            input_hw=(int(rows), int(cols)),
            policy=policy,
            aspect=aspect,
        )
        yield placed, (max(1, int(rows // shrink)), max(1, int(cols // shrink)))


@pytest.mark.req("R7")
def test_source_points_come_back_within_half_a_pixel() -> None:
    rng = np.random.default_rng(1)
    for geometry, _ in geometries(COUNT, seed=0):
        x0, y0, x1, y1 = geometry.roi_px
        points = rng.uniform((x0 - 0.5, y0 - 0.5), (x1 - 0.5, y1 - 0.5), (8, 2))
        back = geometry.to_source(geometry.to_input(points))
        assert np.abs(back - points).max() <= 0.5, geometry


def test_points_come_back_through_a_smaller_output_map() -> None:
    rng = np.random.default_rng(2)
    for geometry, map_hw in geometries(COUNT, seed=3):
        x0, y0, x1, y1 = geometry.roi_px
        points = rng.uniform((x0 - 0.5, y0 - 0.5), (x1 - 0.5, y1 - 0.5), (8, 2))
        to_map = np.divide(map_hw[::-1], geometry.input_hw[::-1])
        cells = (geometry.to_input(points) + 0.5) * to_map - 0.5
        assert np.abs(geometry.to_source(cells, map_hw) - points).max() <= 0.5, geometry


def test_the_corners_of_the_region_are_the_corners_of_the_placed_picture() -> None:
    for geometry, _ in geometries(COUNT, seed=4):
        x0, y0, x1, y1 = geometry.roi_px
        u0, v0, u1, v1 = geometry.placed_px
        corners = [(x0 - 0.5, y0 - 0.5), (x1 - 0.5, y1 - 0.5)]
        placed = [(u0 - 0.5, v0 - 0.5), (u1 - 0.5, v1 - 0.5)]
        np.testing.assert_allclose(geometry.to_input(corners), placed, atol=1e-6)


def test_the_picture_lies_within_the_input_and_touches_two_sides() -> None:
    for geometry, _ in geometries(COUNT, seed=5):
        rows, cols = geometry.input_hw
        u0, v0, u1, v1 = geometry.placed_px
        assert 0 <= u0 < u1 <= cols
        assert 0 <= v0 < v1 <= rows
        assert (u0, u1) == (0, cols) or (v0, v1) == (0, rows)
        assert abs(u0 - (cols - u1)) <= 1  # centred
        assert abs(v0 - (rows - v1)) <= 1


def test_letterbox_keeps_the_aspect_to_half_a_pixel_of_the_input() -> None:
    for geometry, _ in geometries(COUNT, seed=6, square=True):
        x0, y0, x1, y1 = geometry.roi_px
        u0, v0, u1, v1 = geometry.placed_px
        if geometry == fit(roi_px=geometry.roi_px, input_hw=geometry.input_hw, policy="stretch"):
            continue
        k = min(geometry.input_hw[1] / (x1 - x0), geometry.input_hw[0] / (y1 - y0))
        assert u1 - u0 == pytest.approx(max(1, (x1 - x0) * k), abs=0.5 + 1e-6)
        assert v1 - v0 == pytest.approx(max(1, (y1 - y0) * k), abs=0.5 + 1e-6)


def test_letterbox_makes_pixels_square_to_half_a_pixel_of_the_input() -> None:
    rng = np.random.default_rng(7)
    for _ in range(COUNT):
        width, height, cols, rows = (int(n) for n in rng.integers(8, 1500, 4))
        aspect = 10 ** float(rng.uniform(-1, 1))
        placed = fit(
            roi_px=(0, 0, width, height), input_hw=(rows, cols), policy="letterbox", aspect=aspect
        )
        u0, v0, u1, v1 = placed.placed_px
        k = min(cols / (width * aspect), rows / height)
        assert u1 - u0 == pytest.approx(max(1, width * aspect * k), abs=0.5 + 1e-6)
        assert v1 - v0 == pytest.approx(max(1, height * k), abs=0.5 + 1e-6)


@pytest.mark.parametrize(
    ("spacing_mm", "stated", "aspect"),
    [
        (None, None, 1.0),
        ((0.1, 0.1), None, 1.0),
        ((0.1, 0.0386), None, pytest.approx(0.386)),
        ((0.1, 0.0386), 2.0, pytest.approx(0.386)),
        (None, 12 / 11, 12 / 11),
        ((0.1, 0.1005), None, 1.0),
        (None, 0.995, 1.0),
        ((0.0, 0.1), None, 1.0),
        ((0.1, float("nan")), None, 1.0),
        (None, float("inf"), 1.0),
        (None, -2.0, 1.0),
    ],
)
def test_a_pixels_aspect_is_its_width_over_its_height_and_1_where_it_is_square_or_unknown(
    spacing_mm: tuple[float, float] | None, stated: float | None, aspect: float
) -> None:
    assert pixel_aspect(spacing_mm, stated) == aspect


@pytest.mark.parametrize("aspect", [0.0, -1.0, float("nan"), float("inf")])
def test_a_pixel_without_a_shape_is_refused(aspect: float) -> None:
    with pytest.raises(InvalidSettings, match="width over its height"):
        fit(roi_px=(0, 0, 8, 8), input_hw=(8, 8), policy="letterbox", aspect=aspect)


def test_cells_placed_in_a_map_are_those_whose_centres_lie_on_the_picture() -> None:
    for geometry, map_hw in geometries(2_000, seed=7):
        u0, v0, u1, v1 = geometry.placed_px
        x = (np.arange(map_hw[1]) + 0.5) * (geometry.input_hw[1] / map_hw[1])
        y = (np.arange(map_hw[0]) + 0.5) * (geometry.input_hw[0] / map_hw[0])
        across, down = np.flatnonzero((x >= u0) & (x < u1)), np.flatnonzero((y >= v0) & (y < v1))
        c0, r0, c1, r1 = geometry.placed_in_map(map_hw)
        assert c1 > c0
        assert r1 > r0
        if len(across):
            assert (c0, c1) == (across[0], across[-1] + 1), (geometry, map_hw)
        if len(down):
            assert (r0, r1) == (down[0], down[-1] + 1), (geometry, map_hw)


def test_a_blob_is_seen_where_it_was_painted() -> None:
    """The map of coordinates agrees with what the resize does to pixels."""
    rng = np.random.default_rng(8)
    for _ in range(60):
        height, width = (int(n) for n in rng.integers(96, 900, 2))
        spec = PreprocessSpec(
            height=int(rng.integers(64, 300)),
            width=int(rng.integers(64, 300)),
            resize="letterbox" if rng.random() < 0.5 else "stretch",
            roi=Roi(x0=0.1, y0=0.05, x1=0.95, y1=0.9, unit="fraction"),
        )
        centre = rng.uniform((0.35 * width, 0.35 * height), (0.65 * width, 0.65 * height))
        x, y = np.meshgrid(np.arange(width), np.arange(height))
        sigma = 0.06 * np.array([width, height])
        away = ((x - centre[0]) / sigma[0]) ** 2 + ((y - centre[1]) / sigma[1]) ** 2
        pixels = np.round(255 * np.exp(-away / 2)).astype(np.uint8)
        aspect = 1.0 if rng.random() < 0.5 else float(np.exp(rng.uniform(-1.2, 1.2)))
        tensor, geometry = Preprocess(spec)(pixels, aspect=aspect)
        m = cv2.moments(tensor[0, 0])
        seen = geometry.to_source([(m["m10"] / m["m00"], m["m01"] / m["m00"])])[0]
        assert np.abs(seen - centre).max() <= 0.5, spec


def test_a_region_in_fractions_follows_the_size_of_the_frame() -> None:
    roi = Roi(x0=0.25, y0=0.0, x1=0.75, y1=0.5, unit="fraction")
    assert roi.box_px(480, 640) == (160, 0, 480, 240)
    assert roi.box_px(100, 8) == (2, 0, 6, 50)


def test_a_region_in_pixels_is_clipped_to_the_frame() -> None:
    assert Roi(x0=10, y0=20, x1=900, y1=900).box_px(480, 640) == (10, 20, 640, 480)


def test_a_region_outside_the_frame_is_refused_when_it_is_placed() -> None:
    box = Roi(x0=700, y0=20, x1=900, y1=900).box_px(480, 640)
    with pytest.raises(InvalidSettings, match="empty"):
        fit(roi_px=box, input_hw=(256, 256), policy="letterbox")


@pytest.mark.parametrize(
    ("corners", "unit"),
    [
        ((5, 0, 5, 10), "px"),
        ((-1, 0, 5, 10), "px"),
        ((0, 9, 5, 3), "px"),
        ((0, 0, 1.01, 1), "fraction"),
        ((0, 0, float("nan"), 1), "px"),
        ((0, 0, 5, 10), "mm"),
    ],
)
def test_an_impossible_region_is_refused(
    corners: tuple[float, float, float, float], unit: str
) -> None:
    x0, y0, x1, y1 = corners
    with pytest.raises(InvalidSettings, match="roi"):
        Roi(x0=x0, y0=y0, x1=x1, y1=y1, unit=unit)  # type: ignore[arg-type]


def test_pixels_too_wide_for_any_width_are_refused() -> None:
    for policy in ("letterbox", "stretch"):
        with pytest.raises(InvalidSettings, match="too much"):
            fit(roi_px=(0, 0, 640, 480), input_hw=(192, 256), policy=policy, aspect=1e307)
