"""The operating point is measured where the recipe says."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pytest

from sonoedge.cli import main
from sonoedge.errors import InvalidData
from sonoedge_export.pipeline import export_bundle
from sonoedge_export.progress import Stages
from sonoedge_export.recipe.recipe import read_recipe

TABLE = '\n[operating_point]\nframes = ["one/frames.json", "two/frames.json"]\nsplit = "held"\n'


def held_back(workplace: Path, name: str, labels: dict[int, str]) -> None:
    """The drawn frames under other labels; the last one belongs to another split.

    Of the seven discs the odd ones are dark: 1, 3 and 5 are flagged, 0, 2, 4 and 6 are not.
    """
    folder = Path(shutil.copytree(workplace / "frames", workplace / name))
    data = json.loads((folder / "frames.json").read_text())
    for n, row in enumerate(data["frames"]):
        row["split"], row["label"] = "held", labels.get(n, row["label"])
    data["frames"][-1]["split"] = "other"
    (folder / "frames.json").write_text(json.dumps(data | {"name": name}))


@pytest.fixture
def recipe(workplace: Path) -> Path:
    """In the first held-back set a light disc is malignant, in the second a dark one benign."""
    held_back(workplace, "one", {0: "malignant"})
    held_back(workplace, "two", {1: "benign"})
    file = workplace / "recipe.toml"
    file.write_text(file.read_text() + TABLE)
    return file


def test_it_is_told_of_the_held_back_frames_by_set_and_together(
    recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = recipe.parent / "a"
    point = export_bundle(read_recipe(recipe), out, Stages(io.StringIO())).operating_point
    assert point.measured_on == "one held + two held"
    assert point.sensitivity == pytest.approx((3 + 2) / (4 + 2), abs=1e-6)
    assert point.specificity == pytest.approx((3 + 4) / (3 + 5), abs=1e-6)
    assert point.sensitivity_ci95 is not None
    assert point.sensitivity_ci95[0] < point.sensitivity < point.sensitivity_ci95[1]
    each = json.loads((out / "verification.json").read_text())["operating_point"]
    told = ("name", "frames", "sensitivity", "specificity")
    assert [tuple(row[key] for key in told) for row in each] == [
        ("one held", 7, 0.75, 1.0),
        ("two held", 7, 1.0, 0.8),
    ]
    lineage = json.loads((out / "manifest.json").read_text())["lineage"]
    assert [row["name"] for row in lineage["data"]] == ["drawn"]
    assert [(r["name"], r["split"]) for r in lineage["operating_point"]] == [
        ("one", "held"),
        ("two", "held"),
    ]
    assert main(["inspect", str(out)]) == 0
    shown = capsys.readouterr().out
    assert "on one held + two held:" in shown
    assert "sensitivity 0.833 [" in shown


def test_without_frames_of_its_own_it_is_told_of_those_that_were_judged(workplace: Path) -> None:
    file = workplace / "recipe.toml"
    file.write_text(file.read_text().replace("golden = 3", 'split = "test"\ngolden = 1'))
    manifest = export_bundle(read_recipe(file), workplace / "a", Stages(io.StringIO()))
    assert manifest.operating_point.measured_on == "drawn test"
    assert manifest.operating_point.sensitivity == manifest.variants[0].metrics["sensitivity"]


def test_a_split_that_is_not_there_is_refused_before_anything_is_built(recipe: Path) -> None:
    recipe.write_text(recipe.read_text().replace('split = "held"', 'split = "none"'))
    said = io.StringIO()
    with pytest.raises(InvalidData, match="no frames of split 'none'"):
        export_bundle(read_recipe(recipe), recipe.parent / "a", Stages(said))
    assert "verify" not in said.getvalue()
