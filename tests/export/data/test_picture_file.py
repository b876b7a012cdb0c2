from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from sonoedge.errors import InvalidData
from sonoedge_export.data.picture_file import read_mask, read_pixels, to_grey

DISC = np.zeros((40, 50), np.uint8)
cv2.circle(DISC, (25, 20), 9, 1, -1)


def saved(folder: Path, pixels: np.ndarray) -> Path:
    file = folder / "p.png"
    assert cv2.imwrite(str(file), pixels)
    return file


@pytest.mark.parametrize("inside", [1, 255])
def test_masks_of_0_and_1_and_of_0_and_255_are_the_same(tmp_path: Path, inside: int) -> None:
    assert (read_mask(saved(tmp_path, DISC * inside)) == (DISC > 0)).all()


def test_an_empty_mask_has_no_lesion(tmp_path: Path) -> None:
    assert not read_mask(saved(tmp_path, DISC * 0)).any()


def test_smoothed_edges_are_cut_in_the_middle(tmp_path: Path) -> None:
    mask = DISC * 255
    mask[20, 15:17] = (100, 200)
    assert read_mask(saved(tmp_path, mask))[20, 15:17].tolist() == [False, True]


@pytest.mark.parametrize("values", [(0, 2), (0, 1, 2), (0, 128, 255), (0, 127)])
def test_other_values_are_refused_and_named(tmp_path: Path, values: tuple[int, ...]) -> None:
    mask = np.array(values, np.uint8).repeat(100).reshape(-1, 10)
    shown = ", ".join(map(str, values))
    with pytest.raises(InvalidData, match=rf"the mask p\.png holds the values {shown};"):
        read_mask(saved(tmp_path, mask))


def test_a_picture_that_run_refuses_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidData, match="16 bits per value"):
        read_pixels(saved(tmp_path, DISC.astype(np.uint16) * 4095))


def test_a_colour_picture_becomes_grey_as_on_a_device(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    grey = to_grey(read_pixels(saved(tmp_path, pixels)))
    assert (grey == cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)).all()


def test_a_colour_picture_keeps_its_colours_until_grey_levels_are_asked_for(tmp_path: Path) -> None:
    green = np.zeros((40, 50, 3), np.uint8)
    green[..., 1] = 200
    pixels = read_pixels(saved(tmp_path, green))
    assert (pixels == green).all()
    assert (to_grey(pixels) == 117).all()  # 0.587 of 200, as luma is
