from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sonoedge_export.recipe.recipe import tomllib
from sonoedge_export.recipe.schema import recipe_schema, schema_text
from sonoedge_export.recipe.variants import VARIANTS

jsonschema = pytest.importorskip("jsonschema", reason="needs jsonschema")

ROOT = Path(__file__).parents[3]
RECIPES = sorted([*(ROOT / "examples").rglob("*.toml"), ROOT / "tests/tiny/recipe.toml"])


def parsed(file: Path) -> dict[str, Any]:
    data: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    return data


def errors(data: dict[str, Any]) -> list[str]:
    """Where the schema refuses it: dotted keys."""
    found = jsonschema.Draft202012Validator(recipe_schema()).iter_errors(data)
    return [".".join(str(part) for part in error.absolute_path) for error in found]


@pytest.fixture
def tiny() -> dict[str, Any]:
    return parsed(ROOT / "tests/tiny/recipe.toml")


def test_it_is_a_schema_of_draft_2020_12() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(schema_text()))


def test_the_recipes_of_the_repository_are_among_those_checked() -> None:
    names = {file.relative_to(ROOT).as_posix() for file in RECIPES}
    assert {"examples/reference/recipe.toml", "tests/tiny/recipe.toml"} <= names
    assert any("base" in parsed(file) for file in RECIPES)


@pytest.mark.parametrize("file", RECIPES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_a_recipe_of_the_repository_is_valid_as_written_and_with_its_base(file: Path) -> None:
    data = parsed(file)
    assert errors(data) == []
    if "base" in data:
        assert errors(parsed(file.with_name(data["base"])) | data) == []


@pytest.mark.parametrize(
    ("table", "key", "value", "refused"),
    [
        ("", "colour", "red", ""),
        ("", "folder", ".", ""),
        ("", "data_root", ".", ""),
        ("", "task", "detection", "task"),
        ("", "variants", ["onnxruntime-int4"], "variants.0"),
        ("", "targets", ["coral"], "targets.0"),
        ("", "security_version", "1", "security_version"),
        ("input", "hight", 64, "input"),
        ("input", "height", "64", "input.height"),
        ("input", "height", True, "input.height"),
        ("input", "roi", {"x0": 0, "y0": 0, "x1": 1}, "input.roi"),
        ("network", "channels", 2, "network.channels"),
        ("network", "mean", ["grey"], "network.mean"),
        ("outputs", "lesion_map", "all", "outputs.lesion_map"),
        ("outputs", "map_hw", [64], "outputs.map_hw"),
        ("data", "frames", "frames.json", "data.frames"),
    ],
)
def test_unknown_keys_and_wrong_values_are_refused(
    tiny: dict[str, Any], table: str, key: str, value: object, refused: str
) -> None:
    data = copy.deepcopy(tiny)
    (data[table] if table else data)[key] = value
    assert errors(tiny) == []
    assert errors(data) == [refused]


@pytest.mark.parametrize("key", ["name", "network", "data"])
def test_a_key_without_default_is_missed_unless_a_base_may_give_it(
    tiny: dict[str, Any], key: str
) -> None:
    del tiny[key]
    assert errors(tiny) == [""]
    assert errors(tiny | {"base": "recipe.toml"}) == []


def test_the_variants_allowed_are_those_of_the_table() -> None:
    schema = recipe_schema()
    assert schema["properties"]["variants"]["items"]["enum"] == list(VARIANTS)
    assert schema["$defs"]["Prune"]["properties"]["on"]["items"]["enum"] == list(VARIANTS)


def test_the_command_prints_it_without_a_recipe_and_without_heavy_imports() -> None:
    code = (
        "import sys\n"
        "from sonoedge.cli import main\n"
        "try:\n    main(['export', '--schema'])\n"
        "except SystemExit as end:\n    assert not end.code\n"
        "assert not {'torch', 'onnx', 'onnxruntime', 'openvino', 'scipy'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == recipe_schema()
