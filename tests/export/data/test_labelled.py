from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from sonoedge.errors import InvalidData
from sonoedge_export.data.labelled import read_labelled

ROW = {"image": "f0.png", "mask": "m0.png", "label": "benign"}


def with_row(folder: Path, row: Any) -> Path:
    file = folder / "frames" / "frames.json"
    file.write_text(json.dumps({"frames": [row]}))
    return file


def test_a_row_may_leave_out_what_is_not_known(workplace: Path) -> None:
    row = {"image": "f0.png", "label": None, "group": 7}
    (entry,) = read_labelled(with_row(workplace, row))
    assert (entry.label, entry.mask, entry.spacing_mm, entry.patient) == (None, None, None, "7")
    assert not entry.truth().any()


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("f0.png", r"frames\[0\] must be a table"),
        ({"label": "benign"}, r"frames\[0\]\.image is missing"),
        ({"image": "f0.png"}, r"frames\[0\]\.label is missing"),
        (ROW | {"label": ["benign"]}, r"label must be text"),
        (ROW | {"image": "f\0.png"}, r"image holds the character U\+0000"),
        (ROW | {"flags": "text"}, "flags must be a list"),
        (ROW | {"spacing_mm": []}, "spacing_mm must have 2 entries"),
        (ROW | {"spacing_mm": [0.1, 0]}, "spacing_mm must be two numbers above 0"),
        (ROW | {"spacing_mm": [10**400, 1]}, "does not fit into 64 bits"),
        (ROW | {"mask": "nowhere.png"}, "names the mask nowhere.png, which is no file"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_by_its_key(
    workplace: Path, row: Any, says: str
) -> None:
    with pytest.raises(InvalidData, match=says):
        read_labelled(with_row(workplace, row))


@pytest.mark.parametrize("text", ["[" * 100_000, "{", "[]", '{"frames": "b"}', '{"frames": 3}'])
def test_a_file_that_is_no_list_of_frames_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "frames.json"
    file.write_text(text)
    with pytest.raises(InvalidData, match=r"frames\.json(: it)? is (no|nested)"):
        read_labelled(file)


def test_a_normal_frame_whose_mask_outlines_a_lesion_is_refused(workplace: Path) -> None:
    for label in ("normal", "Normal"):
        (entry,) = read_labelled(with_row(workplace, ROW | {"label": label}))
        with pytest.raises(InvalidData, match=f"f0.png is labelled {label}, and m0.png outlines"):
            entry.truth()
    cv2.imwrite(str(workplace / "frames/m0.png"), np.zeros_like(entry.pixels()))
    assert not entry.truth().any()


def test_a_frame_is_in_colour_where_its_picture_is(workplace: Path) -> None:
    file = workplace / "frames" / "f0.png"
    colour = np.dstack([cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)] * 3)
    colour[:40, :, 2] = 255
    cv2.imwrite(str(file), colour)
    (entry,) = read_labelled(with_row(workplace, ROW | {"spacing_mm": [0.2, 0.1]}))
    frame = entry.frame()
    assert (frame.pixels == colour).all()
    assert frame.spacing_mm == (0.2, 0.1)
    assert entry.pixels().shape == colour.shape[:2]
    assert (entry.truth(frame.pixels.shape[:2]) == entry.truth()).all()
