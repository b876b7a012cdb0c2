"""The reference network in int8, on a processor that is not this one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
VARIANT = "onnxruntime-int8"
# int8 kernels round differently: seen were boxes one pixel off, probabilities by 0.0014.
PIXELS = 2
PROBABILITY = 0.005


@pytest.fixture(scope="module")
def bundle(arm: Path, repository: Path) -> Path:
    """The reference network's int8 variant, exported here."""
    out = arm.parent / "emulate" / "bundle"
    recipe = repository / "examples/reference/recipe.toml"
    words = ["export", recipe, "--out", out, "--variants", VARIANT, "--force"]
    subprocess.run([sys.executable, "-m", "sonoedge", *map(str, words)], check=True)
    return out


def test_its_golden_frames_pass_and_its_answers_are_those_of_x86(
    bundle: Path, run_arm: Any
) -> None:
    script = HERE / "answers.py"
    here = subprocess.run(
        [sys.executable, script, bundle, VARIANT], check=True, capture_output=True, text=True
    )
    wanted = json.loads(here.stdout)
    seen = json.loads(run_arm(script, bundle, VARIANT).stdout)
    assert seen["machine"] == "aarch64"
    assert len(seen["frames"]) == len(wanted["frames"]) >= 4
    for there, row in zip(seen["frames"], wanted["frames"], strict=True):
        close = {
            "boxes": [pytest.approx(box, abs=PIXELS) for box in row.get("boxes", [])],
            "suspicions": pytest.approx(row.get("suspicions", []), abs=PROBABILITY),
        }
        assert there == row | {key: close[key] for key in close if key in row}
    assert any(row.get("boxes") for row in wanted["frames"])  # else nothing was compared
