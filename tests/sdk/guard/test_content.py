"""Pictures that hold no echoes of a body, and real ones."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from sonoedge import Frame, GuardSettings, Reason
from sonoedge.guard import Guard

HEIGHT, WIDTH = 240, 320


def judged(pixels: np.ndarray, **settings: float | None) -> Reason | None:
    guard = Guard(GuardSettings(frozen_after_ms=None, **settings))  # type: ignore[arg-type]
    box = (0, 0, pixels.shape[1], pixels.shape[0])
    return guard.content(Frame(pixels=pixels, captured_ns=0), box)


def tissue(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    coarse = cv2.resize(rng.uniform(20, 140, (12, 16)), (WIDTH, HEIGHT))
    fading = np.linspace(1.2, 0.6, HEIGHT)[:, None]
    return np.clip(coarse * fading * rng.uniform(0.7, 1.3, coarse.shape), 0, 255).astype(np.uint8)


def air(*, floor: float = 12.0, top: float = 200.0, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    z = np.linspace(0, 1, HEIGHT)[:, None]
    bands = top * np.clip(1 - z / 0.25, 0, 1) * (0.7 + 0.3 * np.cos(2 * np.pi * z / 0.03))
    noise = rng.rayleigh(floor / 1.25, (HEIGHT, WIDTH))
    return np.clip(bands + noise, 0, 255).astype(np.uint8)


def colour_bars() -> np.ndarray:
    colours = [(b, g, r) for g in (191, 0) for r in (191, 0) for b in (191, 0)]
    row = np.repeat(np.array(colours, np.uint8), WIDTH // 8, axis=0)
    return np.repeat(row[None], HEIGHT, axis=0)


def noisy(pixels: np.ndarray, sigma: float = 3.0) -> np.ndarray:
    noise = np.random.default_rng(3).normal(0, sigma, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def test_tissue_passes_grey_and_as_colour() -> None:
    assert judged(tissue()) is None
    assert judged(np.dstack([tissue()] * 3)) is None


@pytest.mark.req("R9")
def test_black_with_a_grabbers_noise_and_a_word_is_black() -> None:
    pixels = np.random.default_rng(0).integers(0, 16, (HEIGHT, WIDTH), dtype=np.uint8)
    cv2.putText(pixels, "NO INPUT", (100, 120), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255,), 1)
    assert judged(pixels) is Reason.BLACK
    assert judged(pixels, black_level=None) is None


def test_bright_specks_where_a_glance_looks_make_a_black_picture_no_less_black() -> None:
    pixels = np.zeros((480, 640), np.uint8)
    pixels[:16:8, ::8] = 255  # 160 of the 19,200 pixels that are judged
    assert judged(pixels) is Reason.BLACK
    pixels[:24, ::4] = 255  # now 960
    assert judged(pixels) is not Reason.BLACK


@pytest.mark.req("R9")
@pytest.mark.parametrize("grey", [False, True])
def test_bars_are_named_also_with_noise_and_other_fields_below(grey: bool) -> None:
    pixels = colour_bars()
    pixels[HEIGHT * 2 // 3 :] = pixels[HEIGHT * 2 // 3 :, ::-1] // 2
    if grey:
        pixels = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY))
    assert judged(noisy(pixels)) is Reason.COLOUR_BARS
    assert judged(noisy(pixels), bars_contrast=None) is not Reason.COLOUR_BARS


@pytest.mark.req("R9")
def test_a_doppler_box_is_a_colour_overlay_and_a_tint_is_none() -> None:
    pixels = np.dstack([tissue()] * 3)
    tinted = (pixels * np.array([0.8, 0.95, 1.0])).astype(np.uint8)
    assert judged(tinted) is None
    cv2.circle(pixels, (160, 100), 14, (200, 30, 10), -1)
    cv2.circle(pixels, (180, 120), 14, (10, 30, 200), -1)
    assert judged(pixels) is Reason.COLOUR_OVERLAY
    assert judged(pixels, colour_level=None) is None


@pytest.mark.req("R9")
@pytest.mark.parametrize("floor", [1.0, 12.0, 40.0])
@pytest.mark.parametrize("top", [120.0, 250.0])
def test_bands_above_a_noise_floor_are_a_probe_without_contact(floor: float, top: float) -> None:
    pixels = air(floor=floor, top=top)
    assert judged(pixels) is Reason.NO_CONTACT
    assert judged(np.dstack([pixels] * 3)) is Reason.NO_CONTACT
    assert judged(pixels, air_structure=None) is None


@pytest.mark.parametrize("size", [(320, 171), (512, 512), (800, 600), (333, 401), (512, 287)])
def test_air_is_known_whatever_its_size(size: tuple[int, int]) -> None:
    pixels = np.asarray(cv2.resize(air(), size, interpolation=cv2.INTER_NEAREST))
    assert judged(pixels) is Reason.NO_CONTACT


@pytest.mark.parametrize("height", [255, 319, 401])
def test_the_deepest_tissue_counts_whatever_the_height(height: int) -> None:
    pixels = np.asarray(cv2.resize(air(), (320, height), interpolation=cv2.INTER_NEAREST))
    pixels[round(height * 0.8) : round(height * 0.92)] = 110
    assert judged(pixels) is None


def test_one_lesion_below_the_bands_is_contact() -> None:
    pixels = air(floor=20.0)
    cv2.ellipse(pixels, (160, 150), (40, 25), 0, 0, 360, (110,), -1)
    assert judged(pixels) is None


def test_echoes_that_go_on_fading_are_no_noise_floor() -> None:
    pixels = air(floor=5.0)
    fading = np.linspace(90, 0, HEIGHT)[:, None]
    assert judged(np.clip(pixels + fading, 0, 255).astype(np.uint8)) is None


@pytest.mark.parametrize("size", [(8, 8), (33, 40), (9, 30), (1, 3), (3, 1)])
def test_a_small_region_of_interest_raises_nothing(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    for shape in (size, (*size, 3)):
        judged(rng.integers(0, 256, shape, dtype=np.uint8))
        judged(np.zeros(shape, np.uint8))


def test_frames_of_the_repository_pass(repository: Path) -> None:
    files = sorted((repository / "examples/data/breast_usg/images").glob("*.png"))
    assert files
    for file in files:
        pixels = np.asarray(cv2.imread(str(file), cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
        assert judged(pixels) is None, file.name
