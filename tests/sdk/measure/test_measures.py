from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from measured_pictures import Picture, ellipse, region_of, speckle
from sonoedge.analysis import Region
from sonoedge.measure import GROUPS, NAMES, Measures, MeasureSettings, measure, names_of

ALL = MeasureSettings()


def measured(grey: Picture, region: Region, **more: Any) -> Measures:
    measures = measure(grey, region, settings=more.pop("settings", ALL), **more)
    assert measures is not None
    assert measures.values.dtype == np.float32
    assert measures.values.shape == (len(measures.names),)
    assert np.isfinite(measures.values).all()
    return measures


def test_there_are_121_measures_in_seven_groups() -> None:
    assert len(NAMES) == len(set(NAMES)) == 121
    assert {name.split(".")[0] for name in NAMES} == set(GROUPS)


def test_an_oval_and_a_star_are_told_apart() -> None:
    grey = speckle()
    oval = measured(grey, ellipse((200, 150), (60, 40)))
    star = measured(grey, ellipse((200, 150), (60, 40), lobes=0.25))
    assert oval.value("shape.width_height") == pytest.approx(1.5, abs=0.05)
    assert oval.value("shape.ellipse_perimeter") == pytest.approx(1, abs=0.02)
    assert oval.value("shape.solidity") == pytest.approx(1, abs=0.02)
    assert oval.value("shape.turning") == pytest.approx(1, abs=0.1)
    for name in ("ellipse_perimeter", "solidity", "convexity", "ellipse_overlap", "compactness"):
        place = NAMES.index(f"shape.{name}")
        assert star.values[place] < oval.values[place] - 0.05, name


def test_a_dark_region_with_a_shadow_is_darker_than_beside_it_and_below() -> None:
    grey = speckle()
    region = ellipse((200, 110), (50, 40))
    cv2.fillPoly(grey, [region.contour_px], 20)
    plain = measured(grey, region)
    assert plain.value("margin.contrast") == pytest.approx(grey[5:40].mean() - 20, abs=8)
    assert abs(plain.value("margin.posterior") or 0) < 0.1
    grey[151:230, 160:240] //= 3
    assert (measured(grey, region).value("margin.posterior") or 0) < -0.3
    assert plain.value("first_order.variance") < 40  # type: ignore[operator]


def test_a_moved_region_has_the_same_measures() -> None:
    grey = speckle(200, 200)
    region = ellipse((100, 90), (40, 30), lobes=0.1)
    wide = np.full((460, 520), 128, dtype=np.uint8)
    wide[111:311, 173:373] = grey
    moved = region_of(region.contour_px + (173, 111))
    there = measured(wide, moved, within_px=(173, 111, 373, 311))
    assert np.array_equal(there.values, measured(grey, region).values)


def test_pixels_that_are_not_square_are_measured_as_they_lie_in_the_body() -> None:
    square = speckle(400, 400)
    wide = np.ascontiguousarray(square[:, ::2])  # each pixel twice as wide as high
    there = measured(wide, ellipse((100, 200), (30, 40)), aspect=2.0)
    assert there.value("shape.width_height") == pytest.approx(1.5, abs=0.05)


@pytest.mark.req("R83")
@pytest.mark.parametrize("seed", range(3))
def test_random_polygons_give_finite_numbers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    grey = speckle(160, 220, seed)
    given = 0
    for _ in range(1000):
        points = rng.integers(0, (220, 160), (rng.integers(3, 24), 2))
        if rng.random() < 0.3:
            points = points // 8 + rng.integers(0, (190, 138))
        settings = MeasureSettings(diameter_px=int(rng.integers(32, 129)))
        measures = measure(grey, region_of(points), settings=settings)
        if measures is not None:
            given += 1
            assert np.isfinite(measures.values).all()
    assert given > 800


SQUARE = ((40, 40), (80, 40), (80, 80), (40, 80))
EDGES = {
    "the whole frame": ((0, 0), (399, 0), (399, 299), (0, 299)),
    "the upper left corner": ((0, 0), (30, 0), (30, 30), (0, 30)),
    "the lower edge": ((100, 250), (160, 250), (160, 299), (100, 299)),
    "the right edge": ((370, 100), (399, 100), (399, 180), (370, 180)),
    "a row": ((10, 100), (390, 100), (390, 100)),
    "a column": ((100, 10), (100, 290), (101, 290), (101, 10)),
    "a bow tie": ((50, 50), (150, 150), (150, 50), (50, 150)),
    "the other way round": SQUARE[::-1],
    "five pixels wide": ((50, 50), (54, 50), (54, 54), (50, 54)),
    "a point many times": ((60, 60),) * 3 + SQUARE,
    "outside the picture": ((390, 290), (450, 290), (450, 350), (390, 350)),
}


@pytest.mark.parametrize("points", EDGES.values(), ids=EDGES.keys())
@pytest.mark.parametrize("level", [None, 0, 255])
def test_edge_cases_give_finite_numbers_or_none(points: Any, level: int | None) -> None:
    grey = speckle() if level is None else np.full((300, 400), level, dtype=np.uint8)
    measures = measure(grey, region_of(points), settings=ALL)
    assert measures is None or np.isfinite(measures.values).all()


def test_a_region_of_one_level_has_no_variance_and_full_correlation() -> None:
    flat = measured(np.full((300, 400), 90, dtype=np.uint8), ellipse((200, 150), (60, 40)))
    zeros = ("first_order.variance", "first_order.entropy", "glcm.contrast", "glcm.joint_entropy")
    assert [flat.value(name) for name in zeros] == [0, 0, 0, 0]
    assert flat.value("glcm.correlation") == 1
    assert flat.value("margin.contrast") == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize("points", [((5, 5), (7, 5), (7, 8), (5, 8)), ((5, 5), (14, 5), (14, 5))])
def test_fewer_than_16_pixels_have_no_measures(points: Any) -> None:
    assert measure(speckle(), region_of(points), settings=ALL) is None


@pytest.mark.req("R83")
def test_what_the_frames_edge_cuts_off_is_named() -> None:
    grey = speckle()
    assert measured(grey, ellipse((200, 120), (40, 30))).not_measured == ()
    low = measured(grey, ellipse((200, 262), (40, 30)))
    assert "margin.posterior" in low.not_measured
    assert "margin.above_contrast" not in low.not_measured
    assert low.value("margin.posterior") is None
    assert low.values[NAMES.index("margin.posterior")] == 0
    high = measured(grey, ellipse((200, 32), (40, 30)))
    assert high.not_measured == ("margin.above_contrast",)
    everything = measured(grey, region_of(EDGES["the whole frame"]))
    assert set(everything.not_measured) == {n for n in NAMES if n.startswith("margin.")}


def test_some_groups_are_the_same_numbers_as_in_all() -> None:
    grey, region = speckle(), ellipse((200, 150), (60, 40), lobes=0.1)
    every = measured(grey, region)
    for group in GROUPS:
        some = measured(grey, region, settings=MeasureSettings(groups=(group,)))
        assert some.names == names_of((group,))
        assert [every.value(name) for name in some.names] == some.values.tolist()
        assert some.value("elsewhere") is None


def test_the_frame_is_only_read() -> None:
    grey = speckle()
    before = grey.copy()
    grey.setflags(write=False)
    measured(grey, ellipse((200, 150), (60, 40)))
    assert np.array_equal(grey, before)


def agreement(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> float:
    """ICC(A,1) of two measurements of the same things (McGraw and Wong 1996)."""
    x = np.stack([a, b], axis=1).astype(np.float64)
    n, k = x.shape
    rows, columns, mean = x.mean(axis=1), x.mean(axis=0), x.mean()
    between = k * ((rows - mean) ** 2).sum() / (n - 1)
    judges = n * ((columns - mean) ** 2).sum() / (k - 1)
    rest = ((x - rows[:, None] - columns + mean) ** 2).sum() / ((n - 1) * (k - 1))
    return float((between - rest) / (between + (k - 1) * rest + k * (judges - rest) / n))


def test_a_frame_of_half_the_size_has_nearly_the_same_measures(development_data: Path) -> None:
    folder = development_data / "breast_usg"
    rows = json.loads((folder / "frames.json").read_text())["frames"]
    pairs = []
    for row in rows:
        grey = np.asarray(cv2.imread(str(folder / row["image"]), cv2.IMREAD_GRAYSCALE), np.uint8)
        mask = cv2.imread(str(folder / row["mask"]), cv2.IMREAD_GRAYSCALE)
        found, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        if not found:
            continue
        contour = np.asarray(max(found, key=cv2.contourArea)[:, 0, :], dtype=np.int32)
        half = np.asarray(
            cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8
        )
        limits = half.shape[1] - 1, half.shape[0] - 1
        small = np.rint((contour + 0.5) / 2 - 0.5).astype(np.int32).clip(0, limits)
        pairs.append((measured(grey, region_of(contour)), measured(half, region_of(small))))
    assert len(pairs) > 40
    first, second = (np.stack([pair[k].values for pair in pairs]) for k in (0, 1))
    each = {n: agreement(first[:, k], second[:, k]) for k, n in enumerate(NAMES)}
    medians = {g: np.median([v for n, v in each.items() if n.startswith(f"{g}.")]) for g in GROUPS}
    assert min(medians.values()) >= 0.85, medians
