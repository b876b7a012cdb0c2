"""Every peer that is installed, on the tiny network: the table that the command prints."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
HAND_WRITTEN = (
    "bare ONNX Runtime loop, fp32",
    "naive float loop, ONNX Runtime fp32",
    "torch eager alone, fp32",
    "MONAI transforms + torch eager, fp32",
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


@pytest.fixture(scope="module")
def rows() -> dict[str, list[str]]:
    source = "examples/data/breast_usg/frames.json"
    completed = side_by_side(
        "tests/tiny/recipe.toml", "tests/data/tiny", "--size", "192x128", "--frames", 8,
        "--source", source,
    )  # fmt: skip
    assert completed.returncode == 0, completed.stderr
    lines = [line.strip("| ").split(" | ") for line in completed.stdout.splitlines()]
    return {cells[0]: cells[1:] for cells in lines if len(cells) == 10}


def test_a_recipe_whose_data_lies_elsewhere_takes_its_root(tmp_path: Path) -> None:
    text = (ROOT / "tests/tiny/recipe.toml").read_text()
    text = re.sub(r"frames = \[[^\]]*\]", 'frames = ["{data}/breast_usg/frames.json"]', text)
    for file in (ROOT / "tests/tiny").iterdir():
        if file.is_file():
            shutil.copy(file, tmp_path)
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(text)
    arguments = (recipe, "tests/data/tiny", "--size", "192x128", "--frames", 1)
    refused = side_by_side(*arguments)
    assert refused.returncode == 2
    assert "--data-root" in refused.stderr
    assert "Traceback" not in refused.stderr
    completed = side_by_side(*arguments, "--data-root", "examples/data")
    assert completed.returncode == 0, completed.stderr


def test_every_peer_that_is_installed_has_a_row(rows: dict[str, list[str]]) -> None:
    assert {*HAND_WRITTEN, "sonoedge, onnxruntime-fp32"} <= set(rows)


def test_peers_find_the_regions_that_ours_finds(rows: dict[str, list[str]]) -> None:
    ours = int(rows["sonoedge, onnxruntime-fp32"][-2])
    assert ours > 0
    for name in HAND_WRITTEN:
        assert int(rows[name][-2]) == ours, name
        assert float(rows[name][-1]) > 0.9, name


def test_model_api_finds_them_too(rows: dict[str, list[str]]) -> None:
    if "OpenVINO Model API" not in rows:
        pytest.skip("needs benchmarks/peers/requirements.txt in build/peers")
    assert float(rows["OpenVINO Model API"][-1]) > 0.85
