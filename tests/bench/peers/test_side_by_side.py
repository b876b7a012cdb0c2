"""Every peer that is installed, on the tiny network: what the command prints and keeps."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
OURS = "sonoedge, onnxruntime-fp32"
HAND_WRITTEN = (
    "bare ONNX Runtime loop, fp32",
    "naive float loop, ONNX Runtime fp32",
    "torch eager alone, fp32",
    "MONAI transforms + torch eager, fp32",
)
MODEL_API = "OpenVINO Model API"
# Each builds its own engine from the network.
ENGINES = (
    "torch.compile, fp32",
    "torch.compile, int8",
    "ExecuTorch (XNNPACK), fp32",
    "ExecuTorch (XNNPACK), int8",
    "LiteRT by litert-torch, fp32",
    "LiteRT by litert-torch, int8",
    "ncnn, fp32",
)


def side_by_side(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Runs the command as a person would."""
    for package in ("torch", "monai"):
        if find_spec(package) is None:
            pytest.skip(f"needs {package}")
    paths = os.pathsep.join([str(ROOT / "build/peers"), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "benchmarks/peers/side_by_side.py", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )


def tiny_recipe(folder: Path, *, calibrated: bool = True) -> Path:
    """The tiny network's recipe, on labelled breast frames that lie in {data}."""
    text = (ROOT / "tests/tiny/recipe.toml").read_text()
    text = re.sub(r"frames = \[[^\]]*\]", 'frames = ["{data}/breast_usg/frames.json"]', text)
    text = text.replace("golden = 3", 'golden = 3\nsplit = "test"')
    if calibrated:
        text += (
            '\n[calibration]\nframes = ["{data}/breast_usg/frames.json"]\nsplit = "calibration"\n'
        )
    for file in (ROOT / "tests/tiny").iterdir():
        if file.is_file():
            shutil.copy(file, folder)
    recipe = folder / "recipe.toml"
    recipe.write_text(text)
    return recipe


def compared(folder: Path, *peers: str, calibrated: bool = True) -> dict[str, Any]:
    """What --json keeps of ours and these peers; `printed` and `page` are the two tables."""
    recipe = tiny_recipe(folder, calibrated=calibrated)
    kept, page = folder / "kept.json", folder / "table.md"
    completed = side_by_side(
        recipe, "tests/data/tiny", "--data-root", "examples/data", "--size", "192x128",
        "--frames", 2, "--json", kept, "--markdown", page, "--peers", *peers,
    )  # fmt: skip
    assert completed.returncode == 0, completed.stderr
    document: dict[str, Any] = json.loads(kept.read_text())
    return document | {"printed": completed.stdout, "page": page.read_text()}


@pytest.fixture(scope="module")
def loops(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return compared(tmp_path_factory.mktemp("loops"), *HAND_WRITTEN, MODEL_API)


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return compared(tmp_path_factory.mktemp("engines"), *ENGINES)


def agrees(name: str, figures: Mapping[str, Mapping[str, float]]) -> None:
    """A peer outlines and flags what ours does, and is as near to the labels.

    Their smallest regions differ: ours counts whole cells, an outline's area is smaller.
    """
    ours, peer = figures[OURS], figures[name]
    assert min(peer["regions"], ours["regions"]) > 0
    assert peer["iou"] > 0.85
    assert peer["flags"] > 90
    assert peer["dice"] == pytest.approx(ours["dice"], abs=0.03)


@pytest.mark.parametrize("name", HAND_WRITTEN)
def test_hand_written_loops_find_the_regions_that_ours_finds(
    loops: dict[str, Any], name: str
) -> None:
    agrees(name, loops["figures"])


def test_ours_is_what_the_others_are_held_against(loops: dict[str, Any]) -> None:
    ours = loops["figures"][OURS]
    assert (ours["iou"], ours["flags"]) == (1.0, 100.0)


def test_model_api_finds_them_too_and_grades_nothing(loops: dict[str, Any]) -> None:
    if MODEL_API in loops["absent"]:
        pytest.skip(loops["absent"][MODEL_API])
    peer = loops["figures"][MODEL_API]
    assert peer["iou"] > 0.85
    assert peer["flags"] is None


@pytest.mark.parametrize("name", ENGINES)
def test_engines_of_others_find_them_too(engines: dict[str, Any], name: str) -> None:
    if name in engines["absent"]:
        pytest.skip(engines["absent"][name])
    agrees(name, engines["figures"])


def test_every_peer_has_a_row_in_both_tables(engines: dict[str, Any]) -> None:
    assert {*engines["figures"], *engines["absent"]} >= {OURS, *ENGINES}
    for name in (OURS, *ENGINES):
        assert name in engines["printed"]
        assert f"| {name}" in engines["page"]
    assert max(len(line) for line in engines["printed"].splitlines()) <= 80
    for name, why in engines["absent"].items():
        assert why.startswith("not installed: pip install ") or "compiler" in why, name


def test_int8_peers_of_a_recipe_without_calibration_frames_say_so(tmp_path: Path) -> None:
    names = [name for name in ENGINES if name.startswith("ExecuTorch")]
    document = compared(tmp_path, *names, calibrated=False)
    if "not installed" in document["absent"].get(names[0], ""):
        pytest.skip(document["absent"][names[0]])
    assert list(document["absent"]) == [names[1]]
    assert "calibration frames" in document["absent"][names[1]]


def test_a_recipe_whose_data_lies_elsewhere_takes_its_root(tmp_path: Path) -> None:
    refused = side_by_side(tiny_recipe(tmp_path), "tests/data/tiny", "--frames", 1, "--peers")
    assert refused.returncode == 2
    assert "--data-root" in refused.stderr
    assert "Traceback" not in refused.stderr
