"""Networks of the table, small, built for two RTX GPUs without one; and lint agrees."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from effort import NIGHTLY

pytest.importorskip("torch", reason="needs pip install 'sonoedge[export]'")
# Asked for without its seconds of importing: every process of the tests collects this file.
if find_spec("monai") is None:
    pytest.skip("needs pip install 'sonoedge[examples]'", allow_module_level=True)
pytest.importorskip("tensorrt_rtx_bindings", reason="needs pip install 'sonoedge[tensorrt-rtx]'")

ROOT = Path(__file__).resolve().parents[2]
ALL = (
    *("alexnet", "vgg16", "vgg19", "resnet18", "resnet50", "resnet101", "densenet121"),
    *("efficientnet_b0", "unet", "unet_resnet18", "unet_efficientnet_b0", "unet_onnx"),
)
# A classifier, and one that outlines: each takes a processor tens of seconds, and the builder is
# pinned. `make nightly` and `make tensorrt` have all.
NETWORKS = ALL if NIGHTLY else ("resnet18", "unet")
QUANTIZED = ("unet", "resnet18") if NIGHTLY else ("unet",)
THEIRS = ("NNCF's int8", "ONNX Runtime's int8")


def run(out: Path, *words: str) -> subprocess.CompletedProcess[str]:
    program = ROOT / "examples" / "networks" / "for_tensorrt.py"
    command = [sys.executable, str(program), "--small", "--jobs", "2", "--out", str(out), *words]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def rows_in(out: Path) -> dict[str, list[dict[str, Any]]]:
    return {file.stem: json.loads(file.read_text())["rows"] for file in out.glob("*.json")}


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """The rows of every network's int8 and fp16 graph."""
    out = tmp_path_factory.mktemp("tensorrt")
    done = run(out, "--only", *NETWORKS, "--graphs", "int8", "fp16")
    assert set(rows_in(out)) == set(NETWORKS), done.stdout + done.stderr
    assert (done.returncode == 0) == ("WRONG" not in done.stdout), done.stderr
    return rows_in(out)


@pytest.mark.parametrize("key", NETWORKS)
def test_a_network_of_the_table_is_built_as_meant_for_both_gpus(
    ours: dict[str, list[dict[str, Any]]], key: str
) -> None:
    found = ours[key]
    asked = [(row["graph"], row["capability"]) for row in found]
    assert asked == [("int8", "8.6"), ("int8", "8.9"), ("fp16", "8.6"), ("fp16", "8.9")]
    for row in found:
        assert row["right"], row
        assert row["outcome"] == "built"
        assert row["errors"] == []  # lint's verdict is the parser's
        assert row["are"] == row["meant"]
        lower = "int8" if row["graph"] == "int8" else "half"
        assert row["layers"][lower] > row["layers"].get("float", 0)


def test_what_other_quantizers_write_is_refused_and_lint_says_why(tmp_path: Path) -> None:
    done = run(tmp_path, "--only", *QUANTIZED, "--graphs", *THEIRS)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = rows_in(tmp_path)
    assert set(rows) == set(QUANTIZED)
    for key, found in rows.items():
        nncf, ort = found
        assert nncf["errors"] == ["T007"], key  # uint8 behind a rectifier
        assert nncf["outcome"].startswith("misread, ")
        assert "T006" in ort["errors"]
        assert ort["outcome"] == "refused"


def test_a_network_that_has_its_rows_is_not_built_again(tmp_path: Path) -> None:
    row = {
        "network": "unet", "graph": "int8", "capability": "8.6", "errors": [], "outcome": "built",
        "layers": {"int8": 19, "float": 5}, "meant": 19, "are": 18, "megabytes": 5.7,
        "seconds": 1.0, "right": False,
    }  # fmt: skip
    other = {
        "network": "unet", "graph": "NNCF's int8", "capability": "", "errors": [],
        "outcome": "its tool fails on this network", "right": True,
    }  # fmt: skip
    asked = {"graphs": ["int8"], "small": True}
    (tmp_path / "unet.json").write_text(json.dumps({"asked": asked, "rows": [row, other]}))
    done = run(tmp_path, "--only", "unet", "--graphs", "int8")
    assert done.returncode == 1  # what is wrong stays wrong
    wanted = "| unet | int8 | 8.6 | no errors | built | 5 float, 19 int8 | 18 of 19 | 5.7 | 1.0 |"
    *_, first, second = done.stdout.splitlines()
    assert first == f"{wanted} <- WRONG"
    assert second == "| unet | NNCF's int8 |  |  | its tool fails on this network |  |  |  |  |"
