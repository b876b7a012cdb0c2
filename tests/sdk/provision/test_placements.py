from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import sonoedge
from sonoedge.bundle import read_bundle
from sonoedge.cli import main
from sonoedge.device.store import Found, find_provision
from sonoedge.provision import placements

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
pytest.importorskip("openvino", reason="needs OpenVINO")

from sonoedge_runtimes.ort import OnnxRuntime

QUICK = ("--rounds", "2")


def provision(bundle: Path, *words: str) -> int:
    return main(["provision", str(bundle), *QUICK, *words])


def found(bundle: Path) -> Found:
    result = find_provision(read_bundle(bundle))
    assert isinstance(result, Found)
    return result


def test_why_placements_were_not_measured_and_what_runs_slowly_is_told_and_kept(
    bundle: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placements, "usable_threads", lambda: 1)
    monkeypatch.setattr(OnnxRuntime, "off_fast_path", ("GATHER", "GATHER"), raising=False)
    assert provision(bundle, "--runtime", "onnxruntime") == 0
    captured = capsys.readouterr()
    assert "onnxruntime: threads free (one thread needs no core of its own)" in captured.err
    assert "    threads free: one thread needs no core of its own\n" in captured.out
    slow = "without onnxruntime's fast kernels here: 2 GATHER"
    assert f"    {slow}\n" in captured.out
    (kept,) = found(bundle).provision.results
    assert kept.off_fast_path == ("GATHER", "GATHER")
    with sonoedge.open(bundle) as analyser:
        assert slow in analyser.choice


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core: nothing to choose")
def test_openvinos_threads_are_measured_bound_and_free(bundle: Path) -> None:
    words = ["provision", str(bundle), *QUICK, "--runtime", "openvino", "--fps", "1000"]
    # Engines of other tests have left threads in this process.
    subprocess.run([sys.executable, "-m", "sonoedge", *words], check=True, capture_output=True)
    (kept,) = found(bundle).provision.results
    assert kept.placement is not None, kept.not_placed
    assert kept.not_placed == ""
