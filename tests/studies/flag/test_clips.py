from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from sonoedge.errors import InvalidData
from studies.flag.clips import IN_VIEW, Clip, pans, sweeps

STILL = np.full((120, 160), 90, dtype=np.uint8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five stills of two patients; the lesion is at the left edge of each that has one."""
    mask = np.zeros_like(STILL)
    mask[40:80, :50] = 255
    rows = [
        ("a", "malignant", "val", "p"), ("b", "benign", "val", "p"), ("c", "malignant", "val", "q"),
        ("d", "normal", "val", "q"), ("e", "normal", "val", "p"),
    ]  # fmt: skip
    for name, label, _, _ in rows:
        cv2.imwrite(str(tmp_path / f"{name}.png"), STILL)
        cv2.imwrite(str(tmp_path / f"{name}_mask.png"), mask if label != "normal" else 0 * mask)
    entries = [
        {
            "image": f"{name}.png", "mask": f"{name}_mask.png",
            "label": label, "split": split, "patient": patient,
        }
        for name, label, split, patient in rows
    ]  # fmt: skip
    (tmp_path / "frames.json").write_text(json.dumps({"frames": entries}))
    return tmp_path


def images(clips: list[Clip]) -> list[str]:
    return [image for clip in clips for image, _ in clip.rows]


def test_asking_for_more_pans_keeps_those_that_were_drawn(folder: Path) -> None:
    few, many = (pans(folder, "val", ["malignant"], most, 0) for most in (1, 9))
    assert [clip.positive for clip in few] == [True, False]
    assert len(many) == 5
    assert set(images(few)) <= set(images(many))
    assert {clip.identity for clip in few} <= {clip.identity for clip in many}
    assert pans(folder, "test", ["malignant"], 9, 0) == []


def test_a_flag_is_wanted_while_a_positive_lesion_is_in_view(folder: Path) -> None:
    clips = pans(folder, "val", ["malignant"], 9, 0)
    wanted = {clip.rows[0][0]: [w for _, _, w in clip.frames()] for clip in clips}
    assert len(wanted["a.png"]) == 90
    assert any(wanted["a.png"])
    assert not any(wanted["b.png"])
    assert 0 < IN_VIEW < 1


def test_a_pan_is_the_same_each_time_and_times_are_its_own(folder: Path) -> None:
    (clip, *_) = pans(folder, "val", ["malignant"], 1, 0)
    first, second = list(clip.frames()), list(clip.frames())
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(first, second, strict=True))
    assert [at for _, at, _ in first[:3]] == [0, 33_333_333, 66_666_666]


def test_a_sweep_is_a_patients_frames_without_lesion_in_the_sets_order(folder: Path) -> None:
    clips = sweeps(folder, "val", 5.0)
    assert images(clips) == ["d.png", "e.png"]
    assert [at for clip in clips for _, at, _ in clip.frames()] == [0, 0]
    assert {clip.group for clip in clips} == {f"{folder.name}, normal sweeps"}


@pytest.mark.parametrize("text", ["", "{}", '{"frames": [1]}', '{"frames": [{"image": "a"}]}'])
def test_a_list_of_frames_that_cannot_be_read_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "frames.json").write_text(text)
    with pytest.raises(InvalidData, match=r"frames\.json"):
        pans(tmp_path, "val", ["malignant"], 1, 0)


def test_a_still_that_cannot_be_read_is_refused(folder: Path) -> None:
    (folder / "d.png").write_bytes(b"no picture")
    (clip, _) = sweeps(folder, "val", 5.0)
    with pytest.raises(InvalidData, match=r"d\.png"):
        list(clip.frames())
