from __future__ import annotations

import cv2
import numpy as np
import pytest

from report_samples import analysed, refused, region_at
from sonoedge.errors import InvalidSource
from sonoedge.frames import Frame
from sonoedge.outputs.overlay.style import FLAGGED, NOT_ANALYSED
from sonoedge.report.picture import draw_picture, encoded

GREY = np.full((120, 160), 90, dtype=np.uint8)
ROI = (20, 10, 140, 100)


def draw(frame: Frame, analysis: object, **changes: object) -> np.ndarray:
    values = {"number": 3, "frames": 30, "maker": "breast-1.0, onnxruntime fp32"}
    return draw_picture(frame, analysis, **(values | changes))


def test_a_small_frame_is_enlarged_and_even() -> None:
    picture = draw(Frame(pixels=GREY[:, :157]), analysed())
    assert picture.shape[1] >= 640
    assert picture.shape[0] % 2 == picture.shape[1] % 2 == 0


def test_a_large_frame_keeps_its_pixels() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (768, 1024, 3), dtype=np.uint8)
    picture = draw(Frame(pixels=pixels), analysed())
    assert np.array_equal(picture[:768, :1024], pixels)


def test_pixels_that_are_not_square_are_drawn_square() -> None:
    wide = draw(Frame(pixels=np.full((480, 640), 90, np.uint8), spacing_mm=(0.1, 0.2)), analysed())
    assert wide.shape[1] == 1280


def test_a_region_is_drawn_and_the_frame_is_not_written_to() -> None:
    pixels = GREY.copy()
    picture = draw(Frame(pixels=pixels), analysed(region_at(80, 60, 0.9)))
    assert (picture == FLAGGED).all(axis=2).any()
    assert np.array_equal(pixels, GREY)


@pytest.mark.req("R54")
def test_a_frame_that_was_not_analysed_has_a_band_that_no_other_has() -> None:
    def band(analysis: object) -> int:
        return int((draw(Frame(pixels=GREY), analysis) == NOT_ANALYSED).all(axis=2).sum())

    assert band(refused()) > 640 * 20
    assert band(analysed()) == 0


def test_no_label_of_a_disease_is_drawn() -> None:
    region = region_at(80, 60, 0.9)
    other = region_at(80, 60, 0.9, class_probs={"a very long word instead": 0.9})
    frame = Frame(pixels=GREY)
    assert np.array_equal(draw(frame, analysed(region)), draw(frame, analysed(other)))


@pytest.mark.req("R56")
def test_blanking_leaves_the_region_and_nothing_else() -> None:
    picture = draw(Frame(pixels=GREY, roi_px=ROI), analysed(), blank=True)
    assert not picture[: 4 * 9].any()
    assert picture[4 * 12 : 4 * 98, 4 * 22 : 4 * 138].min() == 90


@pytest.mark.req("R56")
def test_blanking_is_refused_without_a_region_to_trust() -> None:
    with pytest.raises(InvalidSource, match="no tissue region that can be trusted"):
        draw(Frame(pixels=GREY), analysed(), blank=True)


def test_jpeg_has_its_colours_halved_across() -> None:
    picture = draw(Frame(pixels=GREY), analysed(region_at(80, 60, 0.9)))
    data = encoded(picture)
    at = data.index(b"\xff\xc0")
    assert data[at + 11] == 0x21  # the first component's sampling: 2 across, 1 down
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert np.abs(decoded.astype(int) - picture).mean() < 2
