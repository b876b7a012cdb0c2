from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sonoedge.errors import InvalidRecipe
from sonoedge_export.recipe import read_recipe

Edit = Callable[[str, str], Path]


def test_a_recipe_is_read(workplace: Path) -> None:
    recipe = read_recipe(workplace / "recipe.toml")
    assert recipe.name == "dark-spots"
    assert (recipe.input.height, recipe.input.width) == (64, 96)
    assert recipe.path("network.py") == workplace / "network.py"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("height = 64", "hight = 64", r"input.hight is unknown; allowed: height"),
        ("height = 64", 'height = "64"', r"input.height must be a whole number, not '64'"),
        ("height = 64", "height = true", r"input.height must be a whole number"),
        ("height = 64", "height = 4", r"input: input height and width must be 8 to 4096"),
        ('task = "both"', 'task = "detection"', r"allowed: 'segmentation', 'classification', 'bo"),
        ('name = "dark-spots"', "", r"name is missing"),
        (
            'activation = "sigmoid"\n\n[outputs.malig',
            'activation = "relu"\n\n[outputs.malig',
            "relu",
        ),
        ('"openvino-fp32"]', '"tensorflow-fp32"]', r"allowed: onnxruntime-fp32, onnxruntime-int8"),
        ("min_area_input_px = 20", "flag_threshold = 1.5", r"postprocess: flag_threshold"),
        ("std = 255.0", "std = 0.0", r"network: std must be above 0"),
        ('factory = "network:dark_spots"', "", r"network: give either factory"),
        ("golden = 3", "golden = 0", r"data: golden must be 1 to 64"),
        ("golden = 3", "golden = = 3", r"is no TOML"),
        ("golden = 3", "golden = 3\n[gates]\nflag_agreement = 2.0", r"gates: flag_agreement"),
    ],
)
def test_what_is_wrong_is_named_with_what_is_allowed(
    edited: Edit, old: str, new: str, says: str
) -> None:
    with pytest.raises(InvalidRecipe, match=says):
        read_recipe(edited(old, new))


def test_a_missing_recipe_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(InvalidRecipe, match="cannot be read"):
        read_recipe(tmp_path / "none.toml")
