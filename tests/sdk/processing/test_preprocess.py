from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from sonoedge.errors import InvalidSettings
from sonoedge.frames import Frame
from sonoedge.processing.geometry import ResizePolicy, Roi
from sonoedge.processing.preprocess import Preprocess, PreprocessSpec
from sonoedge.sources import open_source

Pixels = npt.NDArray[np.uint8]
POLICIES: tuple[ResizePolicy, ...] = ("letterbox", "stretch")


def noise(shape: tuple[int, ...], seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def made(spec: PreprocessSpec, pixels: Pixels) -> Pixels:
    """A copy of what a new Preprocess makes."""
    return Preprocess(spec)(pixels)[0].copy()


@pytest.mark.req("R3")
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("channels", [(), (3,)])
def test_pixels_outside_the_region_change_no_bit(
    policy: ResizePolicy, channels: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(1)
    for round_ in range(20):
        height, width = (int(n) for n in rng.integers(40, 400, 2))
        x0, y0 = int(rng.integers(0, width - 20)), int(rng.integers(0, height - 20))
        x1, y1 = int(rng.integers(x0 + 8, width)), int(rng.integers(y0 + 8, height))
        roi = Roi(x0=x0, y0=y0, x1=x1, y1=y1)
        spec = PreprocessSpec(height=64, width=96, resize=policy, roi=roi)
        one, other = (noise((height, width, *channels), seed=2 * round_ + k) for k in (0, 1))
        other[y0:y1, x0:x1] = one[y0:y1, x0:x1]
        np.testing.assert_array_equal(made(spec, one), made(spec, other))


def test_pixels_outside_the_region_that_the_source_knows_change_no_bit() -> None:
    preprocess = Preprocess(PreprocessSpec(height=64, width=64))
    one, other = noise((120, 160)), noise((120, 160), seed=1)
    other[20:90, 30:140] = one[20:90, 30:140]
    first = preprocess(one, (30, 20, 140, 90))[0].copy()
    np.testing.assert_array_equal(preprocess(other, (30, 20, 140, 90))[0], first)
    assert (preprocess(other)[0] != first).any()


def test_a_region_in_the_settings_goes_before_the_one_that_the_source_knows() -> None:
    spec = PreprocessSpec(height=64, width=64, roi=Roi(x0=10, y0=10, x1=60, y1=50))
    assert Preprocess(spec).geometry(120, 160, (0, 0, 160, 120)).roi_px == (10, 10, 60, 50)


def test_the_region_that_the_source_knows_is_clipped_to_the_frame() -> None:
    preprocess = Preprocess(PreprocessSpec(height=64, width=64))
    assert preprocess.geometry(120, 160, (-5, 10, 500, 400)).roi_px == (0, 10, 160, 120)


def test_pixels_inside_the_region_do_change_the_input() -> None:
    spec = PreprocessSpec(height=64, width=64, roi=Roi(x0=10, y0=10, x1=60, y1=60))
    one = noise((80, 80))
    other = one.copy()
    other[10:14, 10:14] ^= 255
    assert (made(spec, one) != made(spec, other)).any()


@pytest.mark.parametrize("policy", POLICIES)
def test_colour_with_equal_channels_equals_grey(policy: ResizePolicy) -> None:
    spec = PreprocessSpec(height=64, width=80, resize=policy)
    grey = noise((123, 77))
    colour = np.repeat(grey[..., None], 3, axis=2)
    np.testing.assert_array_equal(made(spec, grey), made(spec, colour))


def test_colour_is_read_in_opencvs_order() -> None:
    spec = PreprocessSpec(height=8, width=8)
    blue, red = np.zeros((2, 8, 8, 3), dtype=np.uint8)
    blue[..., 0], red[..., 2] = 255, 255
    assert made(spec, blue).max() < 40 < made(spec, red).min()


def test_letterbox_keeps_the_aspect_of_what_is_in_the_picture() -> None:
    pixels = np.zeros((480, 640), dtype=np.uint8)
    pixels[200:300, 250:350] = 255  # a square
    ys, xs = np.nonzero(made(PreprocessSpec(height=256, width=256), pixels)[0, 0] > 127)
    assert abs(np.ptp(ys) - np.ptp(xs)) <= 1
    assert np.ptp(xs) + 1 == pytest.approx(100 * 256 / 640, abs=1)


@pytest.mark.parametrize("shape", [(100, 300), (300, 100), (128, 128)])
def test_letterbox_pads_with_the_value_asked_for_and_only_there(shape: tuple[int, int]) -> None:
    spec = PreprocessSpec(height=64, width=64, pad_value=7)
    tensor, geometry = Preprocess(spec)(np.full(shape, 200, dtype=np.uint8))
    u0, v0, u1, v1 = geometry.placed_px
    placed = np.zeros((64, 64), dtype=bool)
    placed[v0:v1, u0:u1] = True
    assert (tensor[0, 0][placed] == 200).all()
    assert (tensor[0, 0][~placed] == 7).all()


def test_stretch_fills_the_input() -> None:
    spec = PreprocessSpec(height=64, width=96, resize="stretch", pad_value=7)
    assert (made(spec, np.full((10, 300), 200, dtype=np.uint8)) == 200).all()


def test_padding_is_restored_when_the_size_of_the_frame_changes() -> None:
    spec = PreprocessSpec(height=64, width=64, pad_value=9)
    reused = Preprocess(spec)
    for shape in [(100, 300), (300, 100), (64, 64), (100, 300), (90, 100), (300, 100)]:
        pixels = noise(shape)
        np.testing.assert_array_equal(reused(pixels)[0], made(spec, pixels))


def test_more_sizes_than_are_remembered_change_nothing() -> None:
    spec = PreprocessSpec(height=32, width=32)
    reused = Preprocess(spec)
    for width in [*range(20, 120), 20, 21]:
        pixels = noise((40, width))
        np.testing.assert_array_equal(reused(pixels)[0], made(spec, pixels))


def test_shrinking_averages_over_areas() -> None:
    pixels = noise((128, 128))
    blocks = pixels.reshape(32, 4, 32, 4).mean(axis=(1, 3))
    assert np.abs(made(PreprocessSpec(height=32, width=32), pixels)[0, 0] - blocks).max() <= 0.5


def test_a_frame_of_the_inputs_size_passes_unchanged() -> None:
    pixels = noise((64, 96))
    np.testing.assert_array_equal(made(PreprocessSpec(height=64, width=96), pixels)[0, 0], pixels)


@pytest.mark.req("R6")
def test_the_callers_pixels_may_be_read_only_and_are_not_written() -> None:
    for shape in [(64, 96), (50, 40, 3)]:
        pixels = noise(shape)
        before = pixels.copy()
        pixels.flags.writeable = False
        made(PreprocessSpec(height=64, width=96, roi=Roi(x0=0, y0=0, x1=30, y1=30)), pixels)
        np.testing.assert_array_equal(pixels, before)


def test_the_input_is_no_view_of_the_callers_pixels() -> None:
    pixels = noise((64, 96))
    tensor, _ = Preprocess(PreprocessSpec(height=64, width=96))(pixels)
    assert not np.shares_memory(tensor, pixels)


@pytest.mark.parametrize(
    "view",
    [lambda p: p[::2, ::2], lambda p: p[:, ::-1], lambda p: p[::-1], np.transpose],
    ids=["every other", "mirrored", "upside down", "transposed"],
)
def test_a_strided_view_gives_the_same_as_its_copy(view: Callable[[Pixels], Pixels]) -> None:
    spec = PreprocessSpec(height=64, width=64, roi=Roi(x0=5, y0=5, x1=50, y1=40))
    pixels = view(noise((120, 160)))
    np.testing.assert_array_equal(made(spec, pixels), made(spec, np.ascontiguousarray(pixels)))


def test_the_input_has_the_shape_and_type_of_the_network_and_is_reused() -> None:
    preprocess = Preprocess(PreprocessSpec(height=64, width=96))
    first, second = preprocess(noise((50, 60)))[0], preprocess(noise((70, 60)))[0]
    assert (first.shape, first.dtype) == ((1, 1, 64, 96), np.uint8)
    assert first is second
    assert first.flags.c_contiguous


@pytest.mark.req("R3")
def test_the_content_of_the_picture_does_not_scale_it() -> None:
    spec = PreprocessSpec(height=32, width=32)
    dark = np.full((64, 64), 10, dtype=np.uint8)
    bright = dark.copy()
    bright[:4, :4] = 255
    assert (made(spec, dark)[0, 0, 8:, 8:] == made(spec, bright)[0, 0, 8:, 8:]).all()


def test_the_number_of_opencvs_threads_changes_no_bit() -> None:
    spec, pixels = PreprocessSpec(height=256, width=256), noise((901, 1203, 3))
    threads = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        one = made(spec, pixels)
        cv2.setNumThreads(4)
        np.testing.assert_array_equal(made(spec, pixels), one)
    finally:
        cv2.setNumThreads(threads)


def test_a_region_that_no_pixel_of_the_frame_lies_in_is_refused() -> None:
    preprocess = Preprocess(
        PreprocessSpec(height=64, width=64, roi=Roi(x0=100, y0=0, x1=200, y1=50))
    )
    with pytest.raises(InvalidSettings, match="empty"):
        preprocess(noise((80, 80)))


@pytest.mark.parametrize(
    "settings",
    [
        {"height": 4, "width": 64},
        {"height": 64, "width": 5000},
        {"height": 64, "width": 64, "resize": "crop"},
        {"height": 64, "width": 64, "pad_value": 256},
    ],
)
def test_a_spec_out_of_range_is_refused(settings: dict[str, int]) -> None:
    with pytest.raises(InvalidSettings):
        PreprocessSpec(**settings)  # type: ignore[arg-type]


def test_frames_of_changing_sizes_and_colours_leave_nothing_behind() -> None:
    spec = PreprocessSpec(height=64, width=96)
    one = Preprocess(spec)
    for seed, shape in enumerate(
        [(300, 400), (300, 400, 3), (64, 96), (200, 150), (40, 700), (300, 400)]
    ):
        pixels = noise(shape, seed)
        np.testing.assert_array_equal(one(pixels)[0], made(spec, pixels))


def test_a_grey_map_is_applied_to_the_resized_picture_and_not_to_the_padding() -> None:
    levels = tuple(min(255, 20 + round(n * 0.8)) for n in range(256))
    pixels = noise((60, 120))
    for policy in POLICIES:
        plain = PreprocessSpec(height=64, width=64, resize=policy, pad_value=7)
        mapped = PreprocessSpec(height=64, width=64, resize=policy, pad_value=7, grey_map=levels)
        before, after = made(plain, pixels), made(mapped, pixels)
        u0, v0, u1, v1 = Preprocess(plain).geometry(60, 120).placed_px
        inside = np.zeros((64, 64), dtype=bool)
        inside[v0:v1, u0:u1] = True
        np.testing.assert_array_equal(after[0, 0][inside], np.array(levels)[before[0, 0][inside]])
        assert (after[0, 0][~inside] == 7).all()
        assert inside.all() == (policy == "stretch")


@pytest.mark.req("R3")
def test_a_grey_map_is_the_same_for_every_frame() -> None:
    levels = tuple(n // 2 for n in range(256))
    preprocess = Preprocess(PreprocessSpec(height=64, width=64, grey_map=levels))
    for level in (10, 200, 10):
        frame = np.full((64, 64), level, dtype=np.uint8)
        assert (preprocess(frame)[0] == level // 2).all()


@pytest.mark.parametrize(
    "levels",
    [tuple(range(255)), (*range(255), 256), (-1, *range(255)), tuple(reversed(range(256)))],
)
def test_a_grey_map_that_is_none_is_refused(levels: tuple[int, ...]) -> None:
    with pytest.raises(InvalidSettings, match="grey_map"):
        PreprocessSpec(height=64, width=64, grey_map=levels)


def lesion(wide: float, high: float) -> Pixels:
    """A round lesion on speckle, 40 x 30 mm, seen through pixels of so many millimetres."""
    rng = np.random.default_rng(3)
    speckle = cv2.GaussianBlur(rng.normal(110, 60, (600, 800)), (0, 0), 4)  # 0.05 mm
    y, x = np.mgrid[0:600, 0:800] * 0.05
    speckle[np.hypot(x - 22, y - 13) < 5] -= 70
    size = round(40 / wide), round(30 / high)
    picture = cv2.resize(speckle.clip(0, 255), size, interpolation=cv2.INTER_AREA)
    return np.rint(picture).astype(np.uint8)


@pytest.mark.parametrize(("wide", "high"), [(0.1, 0.2), (0.25, 0.1), (0.05, 0.13), (0.3, 0.05)])
def test_a_round_lesion_gives_the_same_input_through_pixels_of_any_shape(
    wide: float, high: float
) -> None:
    preprocess = Preprocess(PreprocessSpec(height=96, width=96))
    reference = preprocess(lesion(0.1, 0.1))[0].astype(int)
    pixels = lesion(wide, high)
    frame = Frame(pixels=pixels, spacing_mm=(high, wide))
    assert np.abs(preprocess.frame(frame)[0] - reference).mean() < 2.5
    frame = Frame(pixels=pixels, pixel_aspect=wide / high)
    assert np.abs(preprocess.frame(frame)[0] - reference).mean() < 2.5
    assert np.abs(preprocess(pixels)[0] - reference).mean() > 10  # taken for square


def test_shrinking_more_one_way_than_the_other_averages_all_the_way() -> None:
    """A linear step over the last factor of four would pick every fourth column alone."""
    pixels = np.zeros((128, 512), dtype=np.uint8)
    pixels[:, ::8] = 240
    shrunk = Preprocess(PreprocessSpec(height=64, width=64))(pixels, aspect=0.25)[0]
    assert (shrunk == 30).all()


def test_pixels_that_are_square_cost_no_bit() -> None:
    pixels = noise((480, 640))
    preprocess = Preprocess(PreprocessSpec(height=96, width=96))
    plain = preprocess(pixels)[0].copy()
    frame = Frame(pixels=pixels, spacing_mm=(0.0612, 0.0613))
    assert (preprocess.frame(frame)[0] == plain).all()


def test_the_round_lesion_from_the_field_is_the_same_through_wide_pixels(repository: Path) -> None:
    folder = repository.parent / "shared" / "cases" / "21-non-square-pixels"
    if not folder.is_dir():
        pytest.skip("the cases from the field are absent")
    pytest.importorskip("SimpleITK", reason="needs SimpleITK")
    preprocess = Preprocess(PreprocessSpec(height=256, width=256))
    inputs = []
    for name in ("round.mha", "wide_pixels.mha"):
        with open_source(folder / name) as source:
            (frame,) = source
        inputs.append(preprocess.frame(frame)[0].astype(int))
    assert np.abs(inputs[0] - inputs[1]).mean() < 5
