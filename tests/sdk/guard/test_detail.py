from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sonoedge import Frame, FrameMeta, GuardSettings, Reason
from sonoedge.guard import detail

PIXELS = np.zeros((200, 160), np.uint8)


@pytest.mark.parametrize(
    ("pixels", "words"),
    [
        (np.zeros((4, 4), np.float32), "pixels are float32; they must be uint8"),
        ([[1, 2]], "pixels must be a NumPy array of uint8, not list"),
    ],
)
def test_pixels_of_a_wrong_type_are_named(pixels: Any, words: str) -> None:
    assert detail(Reason.WRONG_DTYPE, Frame(pixels=pixels), GuardSettings()) == words


def test_a_wrong_shape_is_told_with_those_that_are_taken() -> None:
    frame = Frame(pixels=np.zeros((4, 4, 2), np.uint8))
    assert detail(Reason.WRONG_SHAPE, frame, GuardSettings(max_side_px=900)) == (
        "pixels have the shape (4, 4, 2); they must be (H, W) or (H, W, 3), "
        "with sides of at most 900"
    )


def test_a_wrong_aspect_is_told_in_square_pixels_with_its_limits() -> None:
    frame = Frame(pixels=PIXELS, spacing_mm=(0.1, 0.3))
    assert detail(Reason.WRONG_ASPECT, frame, GuardSettings(), (0, 0, 120, 60)) == (
        "the region of interest, 120 x 60 pixels, is 6 times as wide as high; "
        "from 0.25 to 4 is allowed"
    )


def test_a_wrong_scale_is_told_with_the_depth_that_it_would_give() -> None:
    frame = Frame(pixels=PIXELS, spacing_mm=(2.29, 2.0))
    assert detail(Reason.SPACING_INVALID, frame, GuardSettings()) == (
        "spacing 2.29 mm (rows), 2 mm (columns): 458 mm over the picture's 200 rows"
    )
    aspect = Frame(pixels=PIXELS, pixel_aspect=11.0)
    assert detail(Reason.SPACING_INVALID, aspect, GuardSettings()).endswith("height is 11.0")


def test_a_wrong_scale_stays_short_whatever_the_spacing() -> None:
    frame = Frame(pixels=PIXELS, spacing_mm=(1e300, 1.0))
    assert "2e+302 mm over" in detail(Reason.SPACING_INVALID, frame, GuardSettings())


def test_the_sources_own_words_are_told_and_most_tokens_say_it_all() -> None:
    frame = Frame(pixels=PIXELS, meta=FrameMeta(invalid="cut short"))
    assert detail(Reason.FRAME_INVALID, frame, GuardSettings()) == "cut short"
    assert detail(Reason.BLACK, frame, GuardSettings()) == ""
    assert detail(None, frame, GuardSettings()) == ""
