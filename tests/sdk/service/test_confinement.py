"""Sessions run within their unit: its list of system calls, and memory that is not executed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

import confinement
from sonoedge.cli import main
from sonoedge.service.unit import UnitSettings, unit

pytestmark = pytest.mark.skipif(bool(confinement.missing()), reason=confinement.missing())


def text_of(runtime: str) -> str:
    return unit(UnitSettings(program="/bin/true", words=("serve",), runtime=runtime))


def run(runtime: str, words: list[str], place: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        confinement.command(text_of(runtime), [sys.executable, *words]),
        cwd=place,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.req("R53")
@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_a_session_runs_with_log_clips_and_figures(
    runtime: str, repository: Path, tmp_path: Path
) -> None:
    pytest.importorskip(runtime, reason=f"needs {runtime}")
    bundle = repository / "tests/data/tiny"
    variants = json.loads((bundle / "manifest.json").read_text())["variants"]
    if runtime not in {variant["runtime"] for variant in variants}:
        pytest.skip(f"the tiny bundle has no variant for {runtime}")
    (tmp_path / "frames").mkdir()
    for number in range(20):
        pixels = np.random.default_rng(number).integers(140, 200, (120, 160), np.uint8)
        cv2.circle(pixels, (60, 60), 20, (10,), -1)
        cv2.imwrite(str(tmp_path / "frames" / f"{number:02d}.png"), pixels)
    assert main(["audit", "init", str(tmp_path / "log"), "--key-out", str(tmp_path / "k")]) == 0
    shutil.copytree(bundle, tmp_path / "bundle")
    words = f"-m sonoedge run bundle frames --live --fps 20 --runtime {runtime} --json"
    options = "--audit log --record clips --metrics m.prom"
    done = run(runtime, [*words.split(), *options.split()], tmp_path)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["submitted"] == 20
    assert report["analysed"] >= 1
    assert report["engine_replaced"] == 0
    assert report["clips_failed"] == 0
    text = (tmp_path / "m.prom").read_text()
    assert f'sonoedge_engine_info{{runtime="{runtime}",' in text
    assert 'sonoedge_state{state="DEGRADED"} 0' in text  # the log could be written


def test_what_the_unit_forbids_is_forbidden(tmp_path: Path) -> None:
    executed = "import mmap; mmap.mmap(-1, 4096, prot=7)"
    for code, runtime in (
        ("import os; os.chroot('.')", "onnxruntime"),
        ("import os; os.chown('.', 1, 1)", "openvino"),
        ("import os; os.sched_setaffinity(0, {0})", "openvino"),
        (executed, "onnxruntime"),
    ):
        done = run(runtime, ["-c", code], tmp_path)
        assert (done.returncode, "PermissionError" in done.stderr) == (1, True), code
    assert run("openvino", ["-c", executed], tmp_path).returncode == 0
