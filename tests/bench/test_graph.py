from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sonoedge.cli import main
from sonoedge.runtime import TensorSpec
from sonoedge_bench.graph import random_inputs

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")

ORT = ("--runtime", "onnxruntime")


@pytest.fixture
def graph(tiny: Path) -> Path:
    """A bare ONNX file."""
    return tiny / "graphs" / "fp32.onnx"


def test_a_bare_graph_has_its_engine_calls_timed_and_profiled(
    graph: Path, capsys: pytest.CaptureFixture[str], bench: Callable[..., Any]
) -> None:
    data = bench(str(graph), *ORT, "--frames", "12", "--profile")
    assert data["model"]["kind"] == "graph"
    assert data["model"]["id"].startswith("fp32-")
    (run,) = data["runs"]
    assert set(run["figures"]) == {"bare_ms", "cpu_ms"}
    assert run["figures"]["bare_ms"]["n"] == 12
    assert run["outcomes"]["balanced"] is True
    assert run["profile"]["layers"]
    output = capsys.readouterr().out
    assert "Engine calls" in output
    assert "n<29: p90 takes 29 samples; measure again with --frames 29 or more" in output


def test_several_engines_take_turns_on_the_same_tensors(
    graph: Path, bench: Callable[..., Any]
) -> None:
    pytest.importorskip("openvino", reason="needs OpenVINO")
    runs = bench(str(graph), "--frames", "12")["runs"]
    assert [run["variant"] for run in runs] == ["onnxruntime", "openvino"]
    assert runs[0]["samples"]["number"] == runs[1]["samples"]["number"]


def test_a_graph_is_compared_with_itself_by_its_engine_calls(
    graph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], bench: Callable[..., Any]
) -> None:
    bench(str(graph), *ORT, "--frames", "12")
    baseline = str((tmp_path / "bench.json").rename(tmp_path / "before.json"))
    capsys.readouterr()
    words = [str(graph), *ORT, "--frames", "12", "--baseline", baseline, "--fail-over", "100000"]
    assert main(["bench", *words]) == 0
    assert "this run against the baseline" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--mode", "paced"], "--mode needs a bundle"),
        (["--isolation", "process"], "--isolation needs a bundle"),
        (["--variant", "x"], "--variant needs a bundle"),
        (["--size", "64x48"], "--size needs a bundle"),
        (["--keep-warm"], "--keep-warm needs a bundle"),
        (["--target", "x86-avx2"], "--target needs a bundle"),
    ],
)
def test_what_only_a_bundle_has_is_refused(
    graph: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert main(["bench", str(graph), *words]) == 2
    assert message in capsys.readouterr().err


def test_a_file_that_is_absent_or_not_a_graph_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", str(tmp_path / "no.onnx"), *ORT]) == 2
    assert "no.onnx cannot be read" in capsys.readouterr().err
    (tmp_path / "text.onnx").write_text("no graph")
    assert main(["bench", str(tmp_path / "text.onnx"), *ORT]) == 5
    assert "refused the model" in capsys.readouterr().err


def test_inputs_fit_their_tensors_and_are_the_same_each_time() -> None:
    specs = (
        TensorSpec(name="frame", dtype="uint8", shape=(1, 1, 4, 6)),
        TensorSpec(name="scale", dtype="float32", shape=(1,)),
    )
    drawn = random_inputs(specs, 3)
    assert (drawn["frame"].dtype, drawn["frame"].shape) == (np.uint8, (1, 1, 4, 6))
    assert drawn["scale"].dtype == np.float32
    assert np.array_equal(drawn["frame"], random_inputs(specs, 3)["frame"])
    assert not np.array_equal(drawn["frame"], random_inputs(specs, 4)["frame"])
