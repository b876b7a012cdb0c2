from __future__ import annotations

import cv2
import numpy as np
import pytest

from sonoedge.errors import InvalidSettings
from sonoedge.processing.geometry import fit, pixel_aspect
from sonoedge.processing.postprocess import (
    PostprocessSpec,
    frame_probs,
    out_of_scope,
    positive_probability,
    regions,
)

SPEC = PostprocessSpec(
    labels=("normal", "benign", "malignant"), positive=("malignant",), min_area_input_px=20
)
# A 512 x 384 source in a 256 x 256 input, read at half of it: a map cell is 4 source pixels.
GEOMETRY = fit(roi_px=(0, 0, 512, 384), input_hw=(256, 256), policy="letterbox")
SOURCE = (384, 512)


def disc(centre: tuple[float, float], radius: float, soft: float = 1.5) -> np.ndarray:
    """A map of a disc given in source pixels, soft at its edge as a network's is."""
    y, x = np.mgrid[0:128, 0:128]
    at = GEOMETRY.to_source(np.stack([x.ravel(), y.ravel()], 1), (128, 128))
    away = radius - np.hypot(*(at - centre).T).reshape(128, 128)
    level = 1 / (1 + np.exp(-away / (4 * soft) * 4))
    return np.rint(255 * level).astype(np.uint8)[None, None]


def test_a_disc_comes_back_where_it_is_and_as_large_as_it_is() -> None:
    (region,) = regions(SPEC, {"lesion_map": disc((200, 150), 60)}, GEOMETRY, source_hw=SOURCE)
    x0, y0, x1, y1 = region.box_px
    assert abs((x0 + x1 - 1) / 2 - 200) <= 1
    assert abs((y0 + y1 - 1) / 2 - 150) <= 1
    assert region.area_px == pytest.approx(np.pi * 60**2, rel=0.02)
    away = np.hypot(*(region.contour_px - (200, 150)).T)
    assert np.abs(away - 60).max() < 2  # half a map cell
    assert abs(away.mean() - 60) < 0.5


def test_two_discs_are_two_regions_the_more_suspicious_first() -> None:
    lesion = np.maximum(disc((120, 150), 40), disc((380, 200), 30))
    malignancy = np.zeros_like(lesion)
    malignancy[..., :64] = 51
    malignancy[..., 64:] = 204
    tensors = {"lesion_map": lesion, "malignancy_map": malignancy}
    first, second = regions(SPEC, tensors, GEOMETRY, source_hw=SOURCE)
    assert first.suspicion == pytest.approx(0.8)
    assert second.suspicion == pytest.approx(0.2)
    assert first.flagged
    assert not second.flagged
    assert first.class_probs == pytest.approx({"normal": 0, "benign": 0.2, "malignant": 0.8})


def test_without_grades_the_frames_probability_is_the_regions_suspicion() -> None:
    tensors = {
        "lesion_map": disc((200, 150), 60),
        "class_probs": np.array([[0.1, 0.2, 0.7]], np.float32),
    }
    (region,) = regions(SPEC, tensors, GEOMETRY, source_hw=SOURCE)
    assert region.suspicion == pytest.approx(0.7)
    assert frame_probs(SPEC, tensors) == pytest.approx(region.class_probs)


def test_with_a_map_alone_the_mean_of_the_map_is_the_suspicion() -> None:
    (region,) = regions(SPEC, {"lesion_map": disc((200, 150), 60)}, GEOMETRY, source_hw=SOURCE)
    assert 0.8 < region.suspicion <= 1
    assert region.class_probs == {}


def test_specks_and_padding_make_no_region() -> None:
    lesion = np.zeros((1, 1, 128, 128), np.uint8)
    lesion[0, 0, 64, 64] = 255  # one cell is 4 input pixels, below the minimum of 20
    lesion[0, 0, :10] = 255  # above the letterboxed picture
    assert regions(SPEC, {"lesion_map": lesion}, GEOMETRY, source_hw=SOURCE) == ()


def test_no_more_than_the_largest_regions_are_kept() -> None:
    lesion = np.zeros((1, 1, 128, 128), np.uint8)
    for i in range(5):
        cv2.circle(lesion[0, 0], (12 + 25 * i, 64), 4 + i, 255, -1)
    spec = PostprocessSpec(labels=("lesion",), positive=("lesion",), max_regions=2)
    found = regions(spec, {"lesion_map": lesion}, GEOMETRY, source_hw=SOURCE)
    assert sorted(r.box_px[0] for r in found) == pytest.approx([4 * (87 - 7), 4 * (112 - 8)], abs=4)


@pytest.mark.req("R7")
def test_millimetres_come_from_the_spacing_and_from_nowhere_else() -> None:
    tensors = {"lesion_map": disc((200, 150), 60)}
    (plain,) = regions(SPEC, tensors, GEOMETRY, source_hw=SOURCE)
    (sized,) = regions(SPEC, tensors, GEOMETRY, source_hw=SOURCE, spacing_mm=(0.1, 0.2))
    assert plain.area_mm2 is None
    assert plain.box_mm is None
    assert sized.area_mm2 == pytest.approx(sized.area_px * 0.02)
    assert sized.box_mm == pytest.approx((121 * 0.2, 121 * 0.1), abs=0.5)


def test_a_region_at_the_border_stays_within_the_frame() -> None:
    (region,) = regions(SPEC, {"lesion_map": disc((5, 380), 60)}, GEOMETRY, source_hw=SOURCE)
    assert region.contour_px.min() >= 0
    assert region.contour_px[:, 0].max() <= 511
    assert region.contour_px[:, 1].max() <= 383
    assert region.contour_px.dtype == np.int32


@pytest.mark.parametrize("value", [0, 127, 128, 255])
def test_the_threshold_is_the_probability_it_says(value: int) -> None:
    lesion = np.full((1, 1, 128, 128), value, np.uint8)
    found = regions(SPEC, {"lesion_map": lesion}, GEOMETRY, source_hw=SOURCE)
    assert bool(found) == (value / 255 >= 0.5)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"positive": ("cyst",)}, "positive"),
        ({"labels": ("a", "a")}, "labels"),
        ({"lesion_threshold": 1.0}, "lesion_threshold"),
        ({"flag_threshold": 0.0}, "flag_threshold"),
        ({"max_regions": 0}, "max_regions"),
        ({"out_of_scope": "c"}, "out_of_scope"),
        ({"out_of_scope": "b"}, "out_of_scope"),
        ({"scope_threshold": 0.0}, "scope_threshold"),
    ],
)
def test_specs_that_mean_nothing_are_refused(change: dict[str, object], word: str) -> None:
    given = {"labels": ("a", "b"), "positive": ("b",)} | change
    with pytest.raises(InvalidSettings, match=word):
        PostprocessSpec(**given)  # type: ignore[arg-type]


def scoped(away: float, **given: object) -> tuple[PostprocessSpec, dict[str, np.ndarray]]:
    spec = PostprocessSpec(
        labels=("normal", "benign", "malignant", "elsewhere"),
        positive=("malignant",),
        out_of_scope="elsewhere",
        **given,  # type: ignore[arg-type]
    )
    return spec, {"class_probs": np.array([[1 - away, 0, 0, away]], np.float32)}


def away(spec: PostprocessSpec, tensors: dict[str, np.ndarray]) -> float | None:
    return out_of_scope(spec, frame_probs(spec, tensors))


@pytest.mark.req("R11")
def test_a_frame_is_out_of_scope_from_its_threshold_on() -> None:
    assert away(*scoped(0.75, scope_threshold=0.75)) == pytest.approx(0.75)
    assert away(*scoped(0.75, scope_threshold=0.76)) is None


def test_a_network_that_cannot_tell_finds_nothing_out_of_scope() -> None:
    spec, tensors = scoped(1.0)
    assert away(spec, {}) is None
    assert away(SPEC, {"class_probs": np.array([[1, 0, 0]], np.float32)}) is None
    assert away(spec, tensors) == 1.0


def test_no_region_is_given_to_the_label_that_is_out_of_scope() -> None:
    spec, tensors = scoped(0.1)
    tensors |= {"lesion_map": disc((200, 150), 60)}
    tensors["malignancy_map"] = np.full_like(tensors["lesion_map"], 51)
    (region,) = regions(spec, tensors, GEOMETRY, source_hw=SOURCE)
    assert region.class_probs == pytest.approx(
        {"normal": 0, "benign": 0.8, "malignant": 0.2, "elsewhere": 0}
    )


@pytest.mark.req("R7")
@pytest.mark.parametrize("spacing_mm", [(0.1, 0.25), (0.2, 0.08)])
def test_a_round_lesion_seen_through_pixels_that_are_not_square_has_its_area_and_its_place(
    spacing_mm: tuple[float, float],
) -> None:
    high, wide = spacing_mm
    width, height = round(40 / wide), round(30 / high)
    geometry = fit(
        roi_px=(0, 0, width, height),
        input_hw=(256, 256),
        policy="letterbox",
        aspect=pixel_aspect(spacing_mm),
    )
    y, x = np.mgrid[0:128, 0:128]
    at = geometry.to_source(np.stack([x.ravel(), y.ravel()], 1), (128, 128))
    inside = 6.0 - np.hypot((at[:, 0] + 0.5) * wide - 18, (at[:, 1] + 0.5) * high - 14)
    levels = np.rint(255 / (1 + np.exp(-inside * 8))).astype(np.uint8).reshape(1, 1, 128, 128)
    (region,) = regions(
        SPEC, {"lesion_map": levels}, geometry, source_hw=(height, width), spacing_mm=spacing_mm
    )
    assert region.area_mm2 == pytest.approx(np.pi * 36, rel=0.03)
    assert region.area_px == pytest.approx(np.pi * 36 / (wide * high), rel=0.03)
    assert region.box_mm == pytest.approx((12.0, 12.0), abs=0.6)
    centre = (region.contour_px.astype(float) + 0.5).mean(axis=0) * (wide, high)
    assert centre == pytest.approx((18, 14), abs=0.3)


def test_positive_labels_are_added_one_by_one_and_are_one_at_most() -> None:
    labels = ("a", "b", "c")
    spec = PostprocessSpec(labels=labels, positive=labels)
    # Compensated, as `sum` is from Python 3.12 on, it would be 0.6.
    tenths = {"a": 0.1, "b": 0.2, "c": 0.3}
    assert positive_probability(spec, tenths) == 0.6000000000000001
    assert positive_probability(spec, dict.fromkeys(labels, 0.4)) == 1.0
