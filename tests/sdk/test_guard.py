from __future__ import annotations

import numpy as np
import pytest

from sonoedge import Frame, FrameMeta, GuardSettings, Reason
from sonoedge.errors import InvalidSettings
from sonoedge.guard import Guard, form

BOX = (0, 0, 160, 120)


def picture(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(20, 200, (120, 160), dtype=np.uint8)


def seen(guard: Guard, pixels: np.ndarray, ms: float, **meta: bool) -> Reason | None:
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


def test_a_flag_of_the_scanner_freezes_at_once() -> None:
    assert seen(Guard(GuardSettings()), picture(), 0, frozen=True) is Reason.FRAME_FROZEN


def test_the_frozen_check_can_be_switched_off() -> None:
    guard = Guard(GuardSettings(frozen_after_ms=None))
    assert [seen(guard, picture(), 1000 * i) for i in range(3)] == [None] * 3


@pytest.mark.parametrize("level", [0, 1, 90])
def test_a_constant_picture_is_stopped(level: int) -> None:
    assert seen(Guard(GuardSettings()), np.full((120, 160), level, np.uint8), 0) is Reason.CONSTANT


def test_one_bright_spot_that_the_sample_misses_makes_a_picture_not_constant() -> None:
    pixels = np.full((120, 160), 90, np.uint8)
    pixels[61, 81] = 200
    assert seen(Guard(GuardSettings()), pixels, 0) is None


def test_a_saturated_picture_is_stopped() -> None:
    pixels = picture()
    pixels[:70] = 255
    assert seen(Guard(GuardSettings()), pixels, 0) is Reason.SATURATED


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
    ],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidSettings, match=next(iter(wrong))):
        GuardSettings(**wrong)  # type: ignore[arg-type]
