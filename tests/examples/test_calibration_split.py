"""The in-repository frames: which of them calibrate, by the rule that frames.json states."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from sonoedge_export.data.calibration import CalibrationFrames, calibration_frames
from sonoedge_export.data.evaluation_set import evaluation_sets, joined
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.recipe.recipe import Recipe, read_recipe


def judging(recipe: Recipe) -> list[Labelled]:
    """The frames that variants are judged on, per file."""
    labels = recipe.postprocess.labels
    return evaluation_sets(recipe.files.evaluation, recipe.data.split, labels)


def calibrating(recipe: Recipe) -> CalibrationFrames:
    """The recipe's calibration frames."""
    return calibration_frames(
        recipe.calibration,
        recipe.files.calibration,
        spec=recipe.input,
        guard=recipe.guard,
        evaluation=joined(judging(recipe)),
    )


def test_every_third_frame_calibrates_in_the_order_stated(repository: Path) -> None:
    data = json.loads((repository / "examples/data/breast_usg/frames.json").read_text())
    ordered = sorted(data["frames"], key=lambda f: (f["label"], f["spacing_mm"][0], f["image"]))
    assert data["splits"].startswith("ordered by label, then spacing")
    for place, frame in enumerate(ordered):
        assert frame["split"] == ("calibration" if place % 3 == 1 else "test")
    mixed = Counter((f["split"], f["label"]) for f in data["frames"])
    assert mixed["calibration", "benign"] == 8
    assert mixed["calibration", "malignant"] == 7
    assert mixed["calibration", "normal"] == 1


def test_the_reference_recipe_calibrates_on_frames_that_judge_nothing(repository: Path) -> None:
    recipe = read_recipe(repository / "examples/reference/recipe.toml")
    whole = joined(judging(recipe))
    found = calibrating(recipe)
    assert len(whole) == 32
    assert len(found.tensors) == 16


def test_with_the_training_data_at_hand_the_validation_splits_judge(
    repository: Path, development_data: Path
) -> None:
    recipe = read_recipe(repository / "examples/reference/full.toml", development_data)
    sets = judging(recipe)
    found = calibrating(recipe)
    assert {e.split for s in sets for e in s} == {"val"}
    assert {e.split for e in found.entries} == {"train"}
    assert recipe.calibration is not None
    assert len(found.tensors) == recipe.calibration.count
    table = recipe.operating_point
    assert table is not None
    files, labels = recipe.files.operating_point, recipe.postprocess.labels
    held_back = evaluation_sets(files, table.split, labels)
    assert {e.split for s in held_back for e in s} == {"test"}
