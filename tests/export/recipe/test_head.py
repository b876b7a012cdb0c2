"""Tables of second opinions that cannot be meant are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from sonoedge.errors import (
    InvalidRecipe,
)
from sonoedge_export.recipe.recipe import read_recipe


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('kind = "logistic"', 'kind = "lda"', "kind"),
        ("C = [0.03, 0.1]", "gamma = [1]", "settings.gamma is unknown for logistic"),
        ("C = [0.03, 0.1]", "C = [0]", "settings.C"),
        ('fuse = "on"', 'fuse = "on"\nmasks = "drawn"', "masks is unknown"),
        ('fuse = "on"', 'inputs = ["masks"]', "inputs"),
        ("alpha = 0.1", "alpha = 0.6", "alpha"),
        ("[measure]\n", "", "need \\[measure\\]"),
        ("highest = 100", "highest = 40", "centre"),
        ('"benign", "malignant"', '"harmless", "malignant"', "labels benign"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused_by_its_key(
    place: Path, tmp_path: Path, old: str, new: str, why: str
) -> None:
    text = (place / "recipe.toml").read_text()
    assert old in text
    (tmp_path / "recipe.toml").write_text(text.replace(old, new))
    with pytest.raises(InvalidRecipe, match=why):
        read_recipe(tmp_path / "recipe.toml")
