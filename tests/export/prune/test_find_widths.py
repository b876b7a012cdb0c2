from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

import pytest

from once import made_once
from sonoedge.errors import InvalidSettings
from sonoedge_export.progress import Stages
from sonoedge_export.prune.find_widths import SEARCH_FILE
from sonoedge_export.prune.stage import prune
from sonoedge_export.recipe.recipe import read_recipe


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"candidates": []}', '{"candidates": [{}]}', '{"candidates": [{"blocks": 2}'],
)
def test_a_damaged_memory_of_the_search_is_refused_with_a_remedy(
    text: str, place: Path, unclocked: dict[str, Any]
) -> None:

    def pruned(folder: Path) -> None:
        recipe = read_recipe(shutil.copytree(place, folder / "place") / "recipe.toml")
        prune(recipe, folder / "place" / "out", Stages(io.StringIO()), **unclocked)

    shutil.copytree(made_once("pruned", pruned) / "place", place, dirs_exist_ok=True)
    recipe, out = read_recipe(place / "recipe.toml"), place / "out"
    (out / SEARCH_FILE).write_text(text)
    with pytest.raises(InvalidSettings, match=r"search\.json.*delete .*search\.json, and"):
        prune(recipe, out, Stages(io.StringIO()), **unclocked)
