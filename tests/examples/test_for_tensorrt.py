"""The networks of the table, built for RTX GPUs without one: the smallest of them, small."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs pip install 'sonoedge[export]'")
pytest.importorskip("monai", reason="needs pip install 'sonoedge[examples]'")
pytest.importorskip("tensorrt_rtx_bindings", reason="needs pip install 'sonoedge[tensorrt-rtx]'")


def test_a_network_is_built_as_meant_and_lint_agrees(repository: Path) -> None:
    program = repository / "examples" / "networks" / "for_tensorrt.py"
    done = subprocess.run(
        [sys.executable, str(program), "--only", "unet", "--side", "64"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("| unet ")]
    assert [row.split("|")[2].strip() for row in rows] == [
        "fp32", "int8", "int8", "fp16", "fp16", "uint8", "ONNX Runtime's int8"
    ]  # fmt: skip
    assert "misread" in rows[5]
    assert "refused" in rows[6]
    assert "WRONG" not in done.stdout
