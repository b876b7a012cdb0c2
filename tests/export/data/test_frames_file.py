"""data/frames_file.py"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sonoedge.errors import InvalidData
from sonoedge_export.data.frames_file import read_frames_file
from sonoedge_export.data.labelled import read_labelled

ROW = {"image": "a.png", "label": "benign"}


def write(folder: Path, **changes: Any) -> Path:
    file = folder / "frames.json"
    file.write_text(json.dumps({"frames": [ROW | changes]}))
    return file


def test_a_key_like_one_that_is_there_as_well_is_passed_over(tmp_path: Path) -> None:
    file = write(tmp_path, patient="p1", patient_id=1, image_size=[1, 2], **{"class": 1})
    (row,) = read_frames_file(file).rows
    assert row.patient == "p1"


def test_a_row_gives_its_values_and_keys_that_nobody_reads_are_passed_over(tmp_path: Path) -> None:
    file = write(tmp_path, spacing_mm=[0.1, 1], flags=["text"], group=3, sha256="x", height=[])
    (row,) = read_frames_file(file).rows
    assert (row.spacing_mm, row.flags, row.group, row.mask) == ((0.1, 1.0), ("text",), 3, None)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"frames": ["a"]}', r"frames\[0\] must be a table"),
        ('{"frames": {}}', "no list"),
        ("[]", "no list"),
        ('{"frames": [], "name": []}', "name must be text"),
        ('{"frames": [], "name": "\\u001b[2J"}', "the character U\\+001B"),
        ("[" * 100_000, "nested more than 32 levels"),
        ('{"frames": [{"image": "a.png"}]}', r"frames\[0\].label is missing"),
        (
            '{"frames": [{"image": "a.png", "label": "b", "patient_id": 1}]}',
            r"frames\[0\].patient_id is not read; name it patient, or give patient as well",
        ),
        (
            '{"frames": [{"image": "a.png", "label": "b", "mask_path": "a_mask.png"}]}',
            r"frames\[0\].mask_path is not read; name it mask",
        ),
        ('{"frames": [{"image": "a.png", "lable": "b"}]}', r"frames\[0\].lable .*; name it label"),
        ('{"frames": [{"image": "a.png", "class": "b"}]}', r"frames\[0\].label is missing"),
        ('{"frames": [], "frames": []}', "stands twice"),
    ],
)
def test_what_is_no_list_of_frames_is_refused_with_the_key(
    tmp_path: Path, text: str, says: str
) -> None:
    file = tmp_path / "frames.json"
    file.write_text(text)
    with pytest.raises(InvalidData, match=says):
        read_frames_file(file)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("spacing_mm", []), ("spacing_mm", [0.1]), ("spacing_mm", [0, 1]), ("spacing_mm", "0.1"),
        ("spacing_mm", [1e-320, 1e-10]), ("split", ["test"]), ("patient", {}), ("device", 1),
        ("flags", "text"), ("flags", [1]), ("label", True), ("label", ["a"]), ("image", ""),
        ("image", None), ("image", "a\0b"), ("mask", 1),
    ],
)  # fmt: skip
def test_a_value_of_another_kind_is_refused_by_its_name(
    tmp_path: Path, key: str, value: Any
) -> None:
    with pytest.raises(InvalidData, match=rf"frames\[0\].*{key}|{key}"):
        read_frames_file(write(tmp_path, **{key: value}))


def test_a_name_longer_than_any_files_is_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InvalidData, match="which is no file"):
        read_labelled(write(tmp_path, image="x" * 5000))
