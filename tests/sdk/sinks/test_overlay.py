"""The picture that OpenIGTLink clients are shown."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sonoedge.analysis import Analysed, NotAnalysed
from sonoedge.frames import Frame
from sonoedge.outputs.overlay.style import FLAGGED, NOT_ANALYSED
from sonoedge.sinks.overlay import drawn, without_frame

GREY = np.full((120, 160), 90, np.uint8)


def inked(picture: np.ndarray, colour: tuple[int, int, int]) -> int:
    return int((picture == colour).all(axis=2).sum())


def test_the_frames_pixels_stay_where_they_are(analysed: Callable[..., Analysed]) -> None:
    picture = drawn(Frame(pixels=GREY), analysed(regions=0))
    assert picture.shape == (180, 640, 3)
    assert np.all(picture[:120, :160] == 90)
    assert not picture[:120, 160:].any()
    large = np.random.default_rng(0).integers(0, 256, (480, 801, 3), np.uint8)
    assert np.array_equal(drawn(Frame(pixels=large), analysed(regions=0))[:480, :801], large)


def test_regions_are_drawn_on_them_and_the_frame_is_not_written_to(
    analysed: Callable[..., Analysed],
) -> None:
    pixels = GREY.copy()
    picture = drawn(Frame(pixels=pixels), analysed())
    assert inked(picture[18:62, 8:32], FLAGGED) > 20
    assert np.array_equal(pixels, GREY)


@pytest.mark.req("R60")
def test_what_was_not_analysed_has_a_band_and_no_region(
    analysed: Callable[..., Analysed], refused: NotAnalysed
) -> None:
    picture = drawn(Frame(pixels=GREY), refused)
    assert np.all(picture[:120, :160] == 90)
    assert inked(picture, NOT_ANALYSED) > 640 * 20
    assert inked(drawn(Frame(pixels=GREY), analysed()), NOT_ANALYSED) == 0
    nothing = without_frame((120, 160), "SOURCE_LOST")
    assert nothing.shape == picture.shape
    assert not nothing[:120].any()
    assert inked(nothing, NOT_ANALYSED) > 640 * 20
