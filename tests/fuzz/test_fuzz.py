"""Each entry point holds against a few inputs of each engine; so does the driver itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fuzz.table import ENTRY_POINTS, load

pytest.importorskip("onnx", reason="needs the extra export")
pytest.importorskip("pydicom", reason="needs the extra dicom")

SEED, INPUTS = 1, 200


@pytest.fixture(scope="module")
def figures(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the driver prints, of 200 inputs for each entry point that are always the same."""
    folder = tmp_path_factory.mktemp("fuzz")
    words = ["--inputs", str(INPUTS), "--seed", str(SEED), "--engine", "trees"]
    words += ["--engine", "bytes", "--out", str(folder), "--json", str(folder / "figures.json")]
    path = os.pathsep.join([str(repository / "tests"), *(p for p in sys.path if p)])
    ended = subprocess.run(
        [sys.executable, "-m", "fuzz", *words],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert ended.returncode in (0, 1), ended.stderr
    data: dict[str, Any] = json.loads((folder / "figures.json").read_text())
    return data["entry_points"]


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_an_entry_point_lets_only_its_own_errors_pass(name: str, figures: dict[str, Any]) -> None:
    row = figures[name]
    assert row["inputs"] >= INPUTS
    assert (row["crashes"], row["hangs"], row["untyped"]) == (0, 0, 0), row["finds"]
    assert row["peak_mib"] < 512


def test_every_module_of_an_entry_point_is_in_the_table() -> None:
    folder = Path(__file__).parent / "points"
    modules = {
        f"fuzz.points.{p.stem}" for p in folder.glob("*.py") if "\nPOINT = " in p.read_text()
    }
    assert modules == set(ENTRY_POINTS.values())


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_the_seeds_of_an_entry_point_are_small(name: str) -> None:
    seeds = load(name).seeds
    assert seeds
    assert max(map(len, seeds)) < 1 << 15
