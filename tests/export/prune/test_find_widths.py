from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

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
    recipe, out = read_recipe(place / "recipe.toml"), place / "out"
    prune(recipe, out, Stages(io.StringIO()), **unclocked)
    (out / SEARCH_FILE).write_text(text)
    with pytest.raises(InvalidSettings, match=r"search\.json.*delete .*search\.json, and"):
        prune(recipe, out, Stages(io.StringIO()), **unclocked)
