from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from sonoedge import Frame, FrameMeta, GuardSettings, Reason
from sonoedge.errors import InvalidSettings
from sonoedge.guard import Guard, form
from sonoedge.settings import plain, read

BOX = (0, 0, 160, 120)


def picture(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(20, 200, (120, 160), dtype=np.uint8)


def seen(guard: Guard, pixels: np.ndarray, ms: float, **meta: Any) -> Reason | None:
    frame = Frame(pixels=pixels, captured_ns=int(ms * 1e6), meta=FrameMeta(**meta))
    return guard.content(frame, BOX)


@pytest.mark.parametrize(
    ("pixels", "reason"),
    [
        (np.zeros((4, 4), np.float32), Reason.WRONG_DTYPE),
        ([[1, 2], [3, 4]], Reason.WRONG_DTYPE),
        (None, Reason.WRONG_DTYPE),
        (np.zeros((4, 4, 4), np.uint8), Reason.WRONG_SHAPE),
        (np.zeros(4, np.uint8), Reason.WRONG_SHAPE),
        (np.zeros((1, 9000), np.uint8), Reason.WRONG_SHAPE),
        (np.zeros((0, 4), np.uint8), Reason.EMPTY),
        (np.zeros((4, 4, 3), np.uint8), None),
    ],
)
def test_pixels_of_a_wrong_form_are_named(pixels: object, reason: Reason | None) -> None:
    frame = Frame(pixels=pixels, captured_ns=0)  # type: ignore[arg-type]
    assert form(frame, GuardSettings()) is reason


def test_a_live_picture_passes() -> None:
    guard = Guard(GuardSettings())
    assert [seen(guard, picture(i), 40 * i) for i in range(30)] == [None] * 30


@pytest.mark.req("R10")
def test_an_unchanged_picture_is_frozen_only_after_the_time_set() -> None:
    guard = Guard(GuardSettings(frozen_after_ms=500))
    assert seen(guard, picture(), 0) is None
    assert seen(guard, picture(), 499) is None
    assert seen(guard, picture(), 500) is Reason.FRAME_FROZEN
    assert seen(guard, picture(1), 540) is None
    assert seen(guard, picture(1), 580) is None


def test_a_picture_that_differs_in_one_pixel_is_not_frozen() -> None:
    guard = Guard(GuardSettings(frozen_after_ms=100))
    for i in range(10):
        changing = picture()
        changing[37, 11] = i  # a row that the quick look skips
        assert seen(guard, changing, 100 * i) is None


def test_a_clock_outside_the_region_does_not_hide_a_frozen_picture() -> None:
    guard = Guard(GuardSettings(frozen_after_ms=100))
    reasons = []
    for i in range(5):
        pixels = picture()
        pixels[:10] = i
        frame = Frame(pixels=pixels, captured_ns=int(i * 1e8))
        reasons.append(guard.content(frame, (0, 20, 160, 120)))
    assert reasons == [None, *[Reason.FRAME_FROZEN] * 4]


def test_a_ticking_clock_inside_the_region_hides_a_freeze_from_the_guard() -> None:
    guard = Guard(GuardSettings(frozen_after_ms=100))
    ticking = [picture() for _ in range(5)]
    for i, pixels in enumerate(ticking):
        pixels[:10, :40] = i
    assert [seen(guard, pixels, 100 * i) for i, pixels in enumerate(ticking)] == [None] * 5


@pytest.mark.parametrize("repeats", [2, 3])
def test_frames_repeated_to_fill_a_faster_video_are_not_frozen(repeats: int) -> None:
    guard = Guard(GuardSettings(frozen_after_ms=500))
    frames = [picture(i // repeats) for i in range(60)]
    assert [seen(guard, pixels, 16.7 * i) for i, pixels in enumerate(frames)] == [None] * 60


def test_a_slow_scanner_with_repeated_frames_is_not_frozen() -> None:
    guard = Guard(GuardSettings(frozen_after_ms=500))
    assert [seen(guard, picture(i // 10), 33.0 * i) for i in range(100)] == [None] * 100


@pytest.mark.req("R10")
def test_a_freeze_is_named_on_every_frame_until_the_picture_moves() -> None:
    guard = Guard(GuardSettings(frozen_after_ms=500))
    reasons = [seen(guard, picture(), 100 * i) for i in range(12)]
    assert reasons == [None] * 5 + [Reason.FRAME_FROZEN] * 7
    assert seen(guard, picture(1), 1200) is None


@pytest.mark.req("R10")
def test_a_capture_clock_that_goes_back_does_not_put_a_freeze_off() -> None:
    guard = Guard(GuardSettings(frozen_after_ms=500))
    assert seen(guard, picture(), 10_000) is None
    assert seen(guard, picture(), 100) is None
    assert seen(guard, picture(), 600) is Reason.FRAME_FROZEN


def test_a_picture_of_another_size_begins_anew() -> None:
    guard = Guard(GuardSettings(frozen_after_ms=100))
    assert seen(guard, picture(), 0) is None
    larger = np.random.default_rng(9).integers(20, 200, (240, 320), dtype=np.uint8)
    frame = Frame(pixels=larger, captured_ns=200_000_000)
    assert guard.content(frame, (0, 0, 320, 240)) is None
    assert seen(guard, picture(), 300) is None


def test_the_memory_takes_frames_that_another_check_stops() -> None:
    guard = Guard(GuardSettings(frozen_after_ms=500, probes=("L12",)))
    for i in range(10):
        assert seen(guard, picture(), 100 * i) is Reason.PROBE_NOT_ALLOWED
    assert seen(guard, picture(), 1000, probe="L12") is Reason.FRAME_FROZEN


def test_a_flag_of_the_scanner_freezes_at_once() -> None:
    assert seen(Guard(GuardSettings()), picture(), 0, frozen=True) is Reason.FRAME_FROZEN


def test_the_frozen_check_can_be_switched_off() -> None:
    guard = Guard(GuardSettings(frozen_after_ms=None))
    assert [seen(guard, picture(), 1000 * i) for i in range(3)] == [None] * 3


@pytest.mark.req("R9")
@pytest.mark.parametrize("level", [0, 1, 90])
def test_a_constant_picture_is_stopped(level: int) -> None:
    assert seen(Guard(GuardSettings()), np.full((120, 160), level, np.uint8), 0) is Reason.CONSTANT


def test_one_bright_spot_that_the_sample_misses_makes_a_picture_not_constant() -> None:
    pixels = np.full((120, 160), 90, np.uint8)
    pixels[61, 81] = 200
    assert seen(Guard(GuardSettings()), pixels, 0) is None


@pytest.mark.req("R9")
def test_a_saturated_picture_is_stopped() -> None:
    pixels = picture()
    pixels[:70] = 255
    assert seen(Guard(GuardSettings()), pixels, 0) is Reason.SATURATED


@pytest.mark.req("R6")
def test_the_guard_does_not_write_to_the_frame_nor_keep_it() -> None:
    guard, pixels = Guard(GuardSettings(frozen_after_ms=100)), picture()
    before = pixels.copy()
    seen(guard, pixels, 0)
    assert (pixels == before).all()
    pixels[:] = picture(1)  # the caller reuses its buffer
    assert seen(guard, pixels, 200) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"frozen_after_ms": 0.0},
        {"saturated_level": 0},
        {"saturated_share": 0.0},
        {"constant_range": 255},
        {"black_level": 255},
        {"bars_contrast": 0.0},
        {"colour_level": 0},
        {"colour_share": 1.5},
        {"air_structure": 0.0},
        {"aspect": (2.0, 1.0)},
        {"probes": ()},
        {"presets": ()},
    ],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidSettings, match=next(iter(wrong))):
        GuardSettings(**wrong)


def test_settings_of_an_older_manifest_are_read_with_what_is_new_at_its_default() -> None:
    old = {"frozen_after_ms": 500.0, "saturated_share": 0.5, "max_side_px": 8192}
    assert read(GuardSettings, old) == GuardSettings()


def test_settings_survive_the_way_through_a_manifest() -> None:
    settings = GuardSettings(probes=("L12",), aspect=(0.5, 2.0), air_structure=None)
    assert read(GuardSettings, json.loads(json.dumps(plain(settings)))) == settings
