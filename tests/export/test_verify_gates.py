"""`sonoedge verify` judges by the limits that the bundle holds, or by those that it is told."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from sonoedge.bundle import Gates, read_bundle
from sonoedge.bundle.digest import digest
from sonoedge.bundle.identity import manifest_text
from sonoedge.cli import main
from sonoedge.settings import plain
from sonoedge_export.candidates.earlier import Earlier
from sonoedge_export.pipeline import export_bundle
from sonoedge_export.progress import Stages
from sonoedge_export.recipe.recipe import read_recipe
from sonoedge_export.verify import verify_bundle

TINY = Path(__file__).parent.parent / "data" / "tiny"
OTHER = "tensorrt-fp32"  # its graph is judged here on ONNX Runtime's CPU


def bundle_with(folder: Path, shift: float, gates: dict[str, Any]) -> Path:
    """The tiny bundle with these gates and one more variant, which finds other outlines.

    Args:
        shift: added to the bias of the second graph's lesion head, a logit.
        gates: limits other than the defaults.
    """
    bundle = Path(shutil.copytree(TINY, folder))
    graph = onnx.load(bundle / "graphs" / "fp32.onnx")
    (bias,) = [i for i in graph.graph.initializer if i.name == "network.lesion.bias"]
    bias.CopyFrom(
        numpy_helper.from_array(numpy_helper.to_array(bias) + np.float32(shift), bias.name)
    )
    model = graph.SerializeToString()
    (bundle / "graphs" / "other.onnx").write_bytes(model)
    data = json.loads((bundle / "manifest.json").read_text())
    more = {"id": OTHER, "runtime": "tensorrt", "model": "graphs/other.onnx"}
    data["variants"].append(data["variants"][0] | more | {"latency_ms_p50": None})
    data["files"]["graphs/other.onnx"] = plain(digest(model))
    data["gates"] = plain(Gates(**gates))
    (bundle / "manifest.json").write_text(manifest_text(data))
    return bundle


def dice_gate(bundle: Path, workplace: Path, gates: Gates | None = None) -> dict[str, Any]:
    """What `verify` says of the Dice that the other variant lost."""
    frames = workplace / "frames" / "frames.json"
    quiet = Stages(io.StringIO())
    (row,) = verify_bundle(bundle, frames, None, OTHER, quiet, gates=gates)["variants"]
    gate: dict[str, Any] = row["gates"]["dice_drop"]
    return gate


SMALL, LARGE = -0.1, -1.0  # lose 0.0037 and 0.027 of Dice; the default limit is 0.005


def test_a_stricter_limit_of_the_bundle_fails_a_variant_that_passes_by_default(
    workplace: Path, tmp_path: Path
) -> None:
    default = dice_gate(bundle_with(tmp_path / "default", SMALL, {}), workplace)
    strict = dice_gate(bundle_with(tmp_path / "strict", SMALL, {"dice_drop": 0.001}), workplace)
    assert (default["answer"], default["limit"]) == ("pass", 0.005)
    assert (strict["answer"], strict["limit"]) == ("fail", 0.001)
    assert strict["measured"] == default["measured"]


def test_a_laxer_limit_of_the_bundle_passes_a_variant_that_fails_by_default(
    workplace: Path, tmp_path: Path
) -> None:
    default = dice_gate(bundle_with(tmp_path / "default", LARGE, {}), workplace)
    lax = dice_gate(bundle_with(tmp_path / "lax", LARGE, {"dice_drop": 0.05}), workplace)
    assert (default["answer"], lax["answer"]) == ("fail", "pass")


def test_an_exported_bundle_holds_the_recipes_limits_and_is_verified_by_them(
    workplace: Path,
) -> None:
    with (workplace / "recipe.toml").open("a") as file:
        file.write('\n[gates]\ndice_drop = 0.25\nundecided = "refuse"\n')
    recipe = read_recipe(workplace / "recipe.toml")
    latencies = {"onnxruntime-fp32": 1.0}
    quiet = Stages(io.StringIO())
    export_bundle(recipe, workplace / "bundle", quiet, earlier=Earlier(latency_ms=latencies))
    assert read_bundle(workplace / "bundle").manifest.gates == recipe.gates
    frames = workplace / "frames" / "frames.json"
    report = verify_bundle(workplace / "bundle", frames, None, None, quiet)
    assert report["gates"] == {"source": "manifest", "limits": plain(recipe.gates)}
    assert report["gates"]["limits"]["dice_drop"] == 0.25


def test_the_limits_of_another_recipe_are_used_only_when_asked_for_and_are_said(
    workplace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = workplace / "recipe.toml"
    recipe.write_text(recipe.read_text() + "\n[gates]\ndice_drop = 0.001\n")
    out = tmp_path / "verify.json"
    words = ["--data", str(workplace / "frames" / "frames.json"), "--json", str(out)]
    bundle = str(bundle_with(tmp_path / "bundle", SMALL, {}))
    assert main(["verify", bundle, *words, "--gates", str(recipe)]) == 3
    said = capsys.readouterr().out
    assert f"judged by the gates of {recipe}" in said
    assert "FAIL       dice_drop" in said
    assert json.loads(out.read_text())["gates"]["source"] == "given"
    assert main(["verify", bundle, *words]) == 0
    said = capsys.readouterr().out
    assert "judged by the gates of the bundle" in said
    assert "FAIL" not in said


def test_figures_that_cannot_be_written_are_refused_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle, data = bundle_with(tmp_path / "bundle", SMALL, {}), tmp_path / "frames.json"
    data.write_text("kept")
    for out, words in (
        (tmp_path, "OUTPUT_ERROR: --json is a folder"),
        (data, "INVALID_SETTINGS: --json would overwrite what is read"),
        (bundle / "manifest.json", "INVALID_SETTINGS: --json lies in the bundle"),
    ):
        assert main(["verify", str(bundle), "--data", str(data), "--json", str(out)]) == 2
        assert words in capsys.readouterr().err
    assert data.read_text() == "kept"
