"""Which training frames are drawn, and what is read of each set."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch")

from sonoedge.errors import InvalidData


def dataset(folder: Path, rows: list[dict[str, Any]], name: str = "drawn") -> Path:
    """A data set of small frames; every lesion is a bright square."""
    folder.mkdir()
    for n, row in enumerate(rows):
        pixels, mask = np.full((40, 60), 90 + n, np.uint8), np.zeros((40, 60), np.uint8)
        if row["label"] != "normal":
            mask[10:20, 20:40] = 255
        cv2.imwrite(str(folder / f"{n}.png"), pixels)
        cv2.imwrite(str(folder / f"{n}m.png"), mask)
        row |= {"image": f"{n}.png", "mask": f"{n}m.png", "split": row.get("split", "train")}
    (folder / "frames.json").write_text(json.dumps({"name": name, "frames": rows}))
    return folder


def prepared(tmp_path: Path) -> Any:
    """Two graded sets, and one of masks alone whose patients are shown 1 and 9 times."""
    from frames import prepare  # type: ignore[import-not-found]

    labels = ["normal", "benign", "malignant", "benign"]
    one = dataset(tmp_path / "one", [{"label": name} for name in labels])
    two = dataset(tmp_path / "two", [{"label": name, "group": "g"} for name in labels])
    rows: list[dict[str, Any]] = [{"label": "malignant", "patient": "rare"}]
    rows += [{"label": labels[n % 3], "patient": "often"} for n in range(9)]
    three = dataset(tmp_path / "three", [*rows, {"label": "benign", "split": "val"}])
    return prepare([one, two], "train", 64, tmp_path / "cache", (three,))


def test_a_set_of_masks_alone_keeps_its_normal_frames_and_loses_its_grades(
    reference: Path, tmp_path: Path
) -> None:
    data = prepared(tmp_path)
    assert data.labels.tolist() == [0, 1, 2, 1] * 2 + [-1] + [0, -1, -1] * 3
    assert data.masks_only.tolist() == [False] * 8 + [True] * 10
    assert len(set(data.patients[:4])) == 4  # nothing is known of them: each for itself
    assert len(set(data.patients[4:8])) == 1
    assert len(set(data.patients)) == 7
    lesions = data.masks.reshape(18, -1).any(1)
    assert (lesions == (data.labels != 0)).all()


def test_each_patient_of_a_set_of_masks_alone_has_the_same_share_of_the_eighth_part(
    reference: Path, tmp_path: Path
) -> None:
    from sampling import MASKS_ONLY, Augmented, shares  # type: ignore[import-not-found]

    data = prepared(tmp_path)
    share = shares(data)
    assert share.sum() == pytest.approx(1)
    assert share[data.masks_only].sum() == pytest.approx(MASKS_ONLY) == pytest.approx(0.12)
    assert share[8] == pytest.approx(0.06)
    assert share[9:].tolist() == pytest.approx([0.06 / 9] * 9)
    # The graded ones keep their own proportions.
    assert share[2] / share[1] == pytest.approx(1.6)
    assert share[1] / share[5] == pytest.approx(1.7)
    drawn = np.concatenate([Augmented(data, 64, epoch, 1).order for epoch in range(400)])
    assert abs((drawn == 8).mean() - 0.06) < 0.01
    again = Augmented(data, 64, 3, 1)
    assert (again.order == Augmented(data, 64, 3, 1).order).all()
    pairs = zip(again[5][:2], Augmented(data, 64, 3, 1)[5][:2], strict=True)
    assert all((a == b).all() for a, b in pairs)


def test_clips_that_are_no_breast_have_a_tenth_beside_a_set_of_masks_alone(
    reference: Path, tmp_path: Path
) -> None:
    from sampling import AWAY, MASKS_ONLY, shares  # type: ignore[import-not-found]

    data = prepared(tmp_path)
    sets = data.sets.copy()
    sets[:3] = -1
    data = replace(data, sets=sets)
    share = shares(data)
    assert share[:3].sum() == pytest.approx(AWAY)
    assert share[data.masks_only].sum() == pytest.approx(MASKS_ONLY * (1 - AWAY))


def test_without_a_set_of_masks_alone_frames_are_augmented_as_before(
    reference: Path, tmp_path: Path
) -> None:
    from frames import prepare  # type: ignore[import-not-found]
    from sampling import Augmented  # type: ignore[import-not-found]

    prepared(tmp_path)
    data = prepare([tmp_path / "one", tmp_path / "two"], "train", 64, tmp_path / "cache")
    assert Augmented(data, 64, 0, 1).corner == 0
    assert not data.masks_only.any()


def test_a_corner_is_blackened_within_what_is_shown_and_never_over_a_lesion(
    reference: Path,
) -> None:
    from augment import without_corner  # type: ignore[import-not-found]

    pixels, mask = np.zeros((128, 128), np.uint8), np.zeros((128, 128), np.uint8)
    pixels[20:110] = 100  # letterboxed
    lower_right = 0
    for seed in range(200):
        out = without_corner(pixels, mask, np.random.default_rng(seed))
        rows, columns = np.nonzero(out != pixels)
        assert 0.09 * 0.08 < len(rows) / (90 * 128) < 0.25 * 0.23
        assert len(rows) == (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
        assert rows.min() == 20 or rows.max() == 109
        assert columns.min() == 0 or columns.max() == 127
        lower_right += int(rows.max() == 109 and columns.max() == 127)
    assert 100 < lower_right < 150  # half of them, and a quarter of the rest
    mask[20:110, 1:127] = 255
    for seed in range(20):
        out = without_corner(pixels, mask, np.random.default_rng(seed))
        assert (out == pixels).all()
    nothing = np.zeros((128, 128), np.uint8)
    assert (without_corner(nothing, nothing, np.random.default_rng(0)) == 0).all()


def test_the_external_test_set_is_known_by_its_pictures_and_by_its_name(
    reference: Path, repository: Path, tmp_path: Path
) -> None:
    from frames import prepare  # type: ignore[import-not-found]

    row = {"label": "benign"}
    named = dataset(tmp_path / "named", [row], name="breast_usg_48")
    with pytest.raises(InvalidData, match="external test"):
        prepare([named], "train", 64, tmp_path / "cache")
    hidden = dataset(tmp_path / "hidden", [dict(row)], name="other")
    external = repository / "examples/data/breast_usg"
    first = json.loads((external / "frames.json").read_text())["frames"][0]
    for name, file in (("image", "0.png"), ("mask", "0m.png")):
        shutil.copy(external / first[name], hidden / file)
    with pytest.raises(InvalidData, match="other holds 1 picture"):
        prepare([], "train", 64, tmp_path / "cache", (hidden,))


def test_pixels_that_are_not_square_are_brought_to_square_as_on_the_device(
    reference: Path, tmp_path: Path
) -> None:
    from frames import prepare  # type: ignore[import-not-found]

    square, tall = [0.1, 0.1], [0.2, 0.1]  # mm of a pixel's height and width
    rows = [{"label": "benign", "spacing_mm": spacing} for spacing in (square, tall)]
    data = prepare([dataset(tmp_path / "set", rows)], "train", 64, tmp_path / "cache")
    extents = [(np.ptp(rows) + 1, np.ptp(cols) + 1) for rows, cols in map(np.nonzero, data.pixels)]
    assert extents == [(43, 64), (64, 48)]  # of frames of 40 x 60 pixels
    lesions = [np.nonzero(mask > 127) for mask in data.masks]
    heights, widths = zip(*[(np.ptp(r) + 1, np.ptp(c) + 1) for r, c in lesions], strict=True)
    assert heights[0] * 2 == pytest.approx(widths[0], abs=2)
    assert heights[1] == pytest.approx(widths[1], abs=2)


def test_a_label_that_training_does_not_know_is_refused(reference: Path, tmp_path: Path) -> None:
    from frames import prepare  # type: ignore[import-not-found]

    folder = dataset(tmp_path / "set", [{"label": "cyst"}])
    with pytest.raises(InvalidData, match="'cyst'; labels are normal, benign"):
        prepare([folder], "train", 64, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_the_published_splits_hold_the_patients_apart(development_data: Path) -> None:
    from sonoedge_export.data.labelled import read_labelled

    file = development_data / "bus_uclm" / "frames.json"
    if not file.is_file():
        pytest.skip("bus_uclm is absent")
    splits = {name: list(read_labelled(file, name)) for name in ("train", "val", "test")}
    patients = {name: {e.patient for e in entries} for name, entries in splits.items()}
    assert {n: (len(patients[n]), len(splits[n])) for n in splits} == {
        "train": (25, 460),
        "val": (6, 105),
        "test": (6, 108),
    }
    assert sum(len(p) for p in patients.values()) == len(set().union(*patients.values()))
