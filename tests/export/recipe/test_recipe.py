from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sonoedge.errors import InvalidRecipe
from sonoedge_export.recipe.recipe import read_recipe

Edit = Callable[[str, str], Path]


def test_a_recipe_is_read(workplace: Path) -> None:
    recipe = read_recipe(workplace / "recipe.toml")
    assert recipe.name == "dark-spots"
    assert (recipe.input.height, recipe.input.width) == (64, 96)
    assert recipe.path("network.py") == workplace / "network.py"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "height = 64",
            "hight = 64",
            r"input.hight is unknown \(did you mean height\?\); allowed: grey",
        ),
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
        ("golden = 3", f"golden = {'[' * 5000}", r"is no TOML"),
        ("golden = 3", f"golden = {'9' * 5000}", r"is no TOML"),
        ("frames/frames.json", "a\\u0000b", r"the recipe.data.frames holds .* U\+0000"),
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


def test_tables_replace_those_of_the_base_as_a_whole(workplace: Path) -> None:
    data = '[data]\nframes = ["{data}/frames.json"]\nsplit = "test"\n'
    more = workplace / "more.toml"
    more.write_text('base = "recipe.toml"\nversion = "2"\n' + data)
    recipe = read_recipe(more, workplace / "frames")
    assert (recipe.name, recipe.version) == ("dark-spots", "2")
    assert (recipe.data.split, recipe.data.golden) == ("test", 4)  # not the base's 3
    assert recipe.path(recipe.data.frames[0]) == workplace / "frames" / "frames.json"
    with pytest.raises(InvalidRecipe, match=r"reads \{data\}/frames.json: .* --data-root"):
        read_recipe(more).path(recipe.data.frames[0])


@pytest.mark.parametrize(
    ("base", "says"),
    [
        ('"../recipe.toml"', "must be the name of a recipe in the same folder"),
        ("3", "must be the name of a recipe in the same folder"),
        ('""', "must be the name of a recipe in the same folder"),
        ('"a\\u0000b"', "must be the name of a recipe in the same folder"),
        ('"none.toml"', "none.toml cannot be read"),
        ('"more.toml"', "more.toml has a base itself"),
    ],
)
def test_a_base_that_cannot_be_used_is_refused(workplace: Path, base: str, says: str) -> None:
    more = workplace / "more.toml"
    more.write_text(f"base = {base}\n")
    with pytest.raises(InvalidRecipe, match=says):
        read_recipe(more)


def test_all_variants_are_wanted_that_the_recipe_has_what_it_takes_for(int8: Path) -> None:
    text = int8.read_text()
    variants = text[text.index("variants = [") : text.index("]") + 1]
    int8.write_text(text.replace(variants, ""))
    wanted = read_recipe(int8).wanted
    assert wanted == (
        "onnxruntime-fp32", "onnxruntime-int8", "openvino-fp32", "openvino-bf16", "openvino-int8",
        "litert-fp32", "litert-int8",
    )  # fmt: skip
    int8.write_text(int8.read_text().split("[calibration]")[0])
    assert "onnxruntime-int8" not in read_recipe(int8).wanted


def test_variants_are_named_with_what_they_lack(int8: Path) -> None:
    text = int8.read_text().replace('"openvino-int8"', '"pruned-openvino-int8"')
    int8.write_text(text)
    with pytest.raises(InvalidRecipe, match=r"pruned-openvino-int8 needs \[prune\]"):
        read_recipe(int8)
    text = text.replace('"pruned-openvino-int8"', '"openvino-int8"')
    int8.write_text(text.replace("[calibration]", "[calibration]\ncount = 8\nminimum = 9"))
    with pytest.raises(InvalidRecipe, match="calibration: count is 8, minimum 9"):
        read_recipe(int8)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a = " + "[" * 5000, "is no TOML"),
        ("name = 0x" + "f" * 5000, "name must be text"),
        ('base = ""', "base must be the name of a recipe"),
    ],
)
def test_hostile_recipes_are_refused_like_any_other(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text(text + '\nversion = "1"\n')
    with pytest.raises(InvalidRecipe, match=says):
        read_recipe(file)


def test_a_file_name_with_a_nul_character_is_refused(
    workplace: Path, edited: Callable[[str, str], Path]
) -> None:
    with pytest.raises(InvalidRecipe, match="NUL"):
        read_recipe(workplace / "recipe.toml").path("frames/\0.json")
    with pytest.raises(InvalidRecipe, match=r"U\+0000"):
        read_recipe(edited('"frames/frames.json"', '"frames/\\u0000.json"'))
