from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from sonoedge.errors import InvalidCalibration, InvalidRecipe
from sonoedge_export.data.calibration import CalibrationFrames, calibration_frames, pixels_sha256
from sonoedge_export.data.evaluation_set import evaluation_sets, joined
from sonoedge_export.recipe.recipe import Recipe, read_recipe


def rewritten(recipe: Path, old: str, new: str) -> Path:
    text = recipe.read_text()
    assert text.count(old) == 1
    recipe.write_text(text.replace(old, new))
    return recipe


def calibrating(recipe: Recipe) -> CalibrationFrames:
    """The recipe's calibration frames."""
    labels = recipe.postprocess.labels
    judged = evaluation_sets(recipe.files.evaluation, recipe.data.split, labels)
    return calibration_frames(
        recipe.calibration,
        recipe.files.calibration,
        spec=recipe.input,
        guard=recipe.guard,
        evaluation=joined(judged),
    )


def refused(recipe: Path, says: str) -> None:
    read = read_recipe(recipe)
    with pytest.raises(InvalidCalibration, match=says):
        calibrating(read)


@pytest.mark.req("R2")
def test_frames_come_as_the_engine_gets_them(int8: Path) -> None:
    tensors = calibrating(read_recipe(int8)).tensors
    assert len(tensors) == 18  # of 24, a quarter is test
    assert all(t.shape == (1, 1, 64, 96) and t.dtype == np.uint8 for t in tensors)
    assert len({t.tobytes() for t in tensors}) == 18  # each an array of its own


def test_a_count_takes_frames_from_all_over(int8: Path) -> None:
    recipe = read_recipe(rewritten(int8, 'split = "train"', 'split = "train"\ncount = 16'))
    found = calibrating(recipe)
    names = [e.image.name for e in found.entries]
    assert len(names) == 16
    assert names[0] == "f0.png"
    assert names[-1] in ("f21.png", "f22.png")


def test_too_few_frames_are_refused(int8: Path) -> None:
    rewritten(int8, 'split = "train"', 'split = "train"\nminimum = 19')
    refused(int8, "18 calibration frames, at least 19 wanted")


def test_the_same_picture_twice_is_refused_in_whatever_file_it_lies(int8: Path) -> None:
    folder = int8.parent / "calib"
    picture = cv2.imread(str(folder / "f4.png"), cv2.IMREAD_GRAYSCALE)
    (folder / "f6.png").unlink()
    cv2.imwrite(str(folder / "f6.bmp"), picture)
    file = folder / "frames.json"
    file.write_text(file.read_text().replace('"f6.png"', '"f6.bmp"'))
    refused(int8, r"frames f4\.png, f6\.bmp have the same pixels as another one")


def test_the_test_split_is_refused_by_name(int8: Path) -> None:
    with pytest.raises(InvalidRecipe, match="calibration: split is 'test'"):
        read_recipe(rewritten(int8, 'split = "train"', 'split = "test"'))


def test_frames_of_the_test_split_are_refused_where_all_are_taken(int8: Path) -> None:
    refused(rewritten(int8, 'split = "train"', ""), r"frames f3\.png, f7\.png, f11\.png and 3 more")


@pytest.mark.req("R33")
def test_a_frame_that_judges_is_refused_even_as_a_copy(int8: Path) -> None:
    shutil.copy(int8.parent / "frames" / "f2.png", int8.parent / "calib" / "f8.png")
    shutil.copy(int8.parent / "frames" / "m2.png", int8.parent / "calib" / "m8.png")
    refused(int8, r"f8\.png are among the frames that judge")


def test_a_frame_that_the_guard_stops_is_refused(int8: Path) -> None:
    file = int8.parent / "calib" / "f5.png"
    cv2.imwrite(str(file), np.zeros((120, 160), np.uint8))
    refused(int8, r"f5\.png would not be analysed \(CONSTANT\)")


def test_a_frame_in_colour_is_refused_as_a_device_would_not_analyse_it(int8: Path) -> None:
    file = int8.parent / "calib" / "f5.png"
    colour = cv2.imread(str(file))
    colour[20:60, 20:80, 2] = 255
    cv2.imwrite(str(file), colour)
    refused(int8, r"f5\.png would not be analysed \(COLOUR_OVERLAY\)")


def test_a_grey_picture_that_is_stored_in_colour_gives_the_same(int8: Path) -> None:
    as_grey = calibrating(read_recipe(int8))
    for file in (int8.parent / "calib").glob("f*.png"):
        cv2.imwrite(str(file), cv2.imread(str(file), cv2.IMREAD_COLOR))
    as_colour = calibrating(read_recipe(int8))
    assert as_colour.sha256 == as_grey.sha256
    assert all((a == b).all() for a, b in zip(as_colour.tensors, as_grey.tensors, strict=True))


def test_int8_without_calibration_frames_is_refused(workplace: Path) -> None:
    recipe = rewritten(workplace / "recipe.toml", '"openvino-fp32"]', '"openvino-int8"]')
    with pytest.raises(InvalidRecipe, match=r"openvino-int8 needs \[calibration\]"):
        read_recipe(recipe)


def test_a_hash_is_of_grey_levels_and_shape() -> None:
    row = np.arange(12, dtype=np.uint8)
    a, b = row.reshape(3, 4), row.reshape(4, 3)
    assert pixels_sha256(a) == pixels_sha256(a.copy(order="F"))
    assert pixels_sha256(a) != pixels_sha256(b)
