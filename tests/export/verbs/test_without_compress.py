"""An export where the packages of the extra "compress" are not installed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from sonoedge.errors import MissingDependency

ABSENT = ("torch_pruning", "nncf", "matplotlib")
PROGRAM = (
    "import sys\n"
    f"sys.modules.update(dict.fromkeys({ABSENT!r}))\n"
    "from sonoedge.cli import main\n"
    "sys.exit(main(sys.argv[1:]))\n"
)
PRUNE = '\n[prune]\non = ["onnxruntime-fp32"]\ntarget_speedup = 1.5\n'


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command line in a folder, without those packages."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )


def variants(folder: Path) -> list[str]:
    """Ids of the bundle's variants."""
    return [v["id"] for v in json.loads((folder / "manifest.json").read_text())["variants"]]


def test_float_variants_are_exported(workplace: Path) -> None:
    done = run(workplace, "export", "recipe.toml", "--out", "a")
    assert done.returncode == 0, done.stderr
    assert variants(workplace / "a") == ["onnxruntime-fp32", "openvino-fp32"]


def test_what_cannot_be_made_is_left_out_with_the_reason(workplace: Path) -> None:
    recipe = workplace / "recipe.toml"
    names = '["onnxruntime-fp32", "pruned-onnxruntime-fp32"]'
    text = recipe.read_text().replace('["onnxruntime-fp32", "openvino-fp32"]', names)
    recipe.write_text(text + PRUNE)
    done = run(workplace, "export", "recipe.toml", "--out", "a")
    assert done.returncode == 0, done.stderr
    assert variants(workplace / "a") == ["onnxruntime-fp32"]
    why = "torch_pruning is not installed; run: pip install 'sonoedge[compress]'"
    assert f"pruned variants: LEFT OUT: {why}" in done.stderr
    manifest = json.loads((workplace / "a/manifest.json").read_text())
    assert manifest["lineage"]["left_out"] == {"pruned-onnxruntime-fp32": why}


def test_pruning_names_the_packages_that_it_needs(workplace: Path) -> None:
    done = run(workplace, "prune", "recipe.toml", "--out", "b")
    assert done.returncode == MissingDependency.exit_code
    assert re.search(r"pip install .*'sonoedge\[export,compress\]'", done.stderr)
