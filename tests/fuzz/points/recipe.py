"""A recipe, as `sonoedge export` reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fuzz.entry_point import Document, EntryPoint
from fuzz.points.toml_text import as_toml
from fuzz.scratch import scratch_file
from fuzz.seeds import TESTS
from sonoedge.settings import plain
from sonoedge_export.recipe.recipe import read_recipe, tomllib

RECIPES = sorted((TESTS.parent / "examples" / "reference").glob("*.toml"))


def _whole(path: Path) -> dict[str, Any]:
    """Every key that a recipe can have, in its own tables and in those of its base."""
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    if "base" in data:
        data = _whole(path.with_name(data.pop("base"))) | data
    recipe = plain(read_recipe(path))
    del recipe["folder"], recipe["data_root"], recipe["base"]
    return _without_none(recipe) | data


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return value


def attack(data: bytes) -> None:
    recipe = read_recipe(scratch_file("recipe.toml", data))
    assert recipe.wanted
    for name in recipe.data.frames:
        recipe.path(name)


POINT = EntryPoint(
    attack=attack,
    seeds=tuple(path.read_bytes() for path in RECIPES),
    engines=("trees", "bytes", "coverage"),
    document=Document(trees=tuple(map(_whole, RECIPES)), encode=as_toml),
    suffix=".toml",
)
