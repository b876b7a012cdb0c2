"""What is refused, left out, or an exit code of its own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from sonoedge.bundle.identity import manifest_text
from sonoedge.cli import main
from sonoedge_bench.modes import soak
from sonoedge_bench.modes.soak import growth_of

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")

ORT = ("--runtime", "onnxruntime")
Bench = Callable[..., dict[str, Any]]
Valid = Callable[[Path], dict[str, Any]]


@pytest.mark.parametrize("mode", ["closed", "paced", "beside", "cold", "soak", "sweep"])
def test_a_variant_whose_engine_is_missing_is_left_out_of_every_mode(
    tiny: Path, tmp_path: Path, mode: str, capsys: pytest.CaptureFixture[str], bench: Bench
) -> None:
    bundle = with_tensorrt(tiny, tmp_path)
    few = {"closed": ["--frames", "2"], "cold": ["--repeats", "1", "--frames", "2"]}
    words = few.get(mode, ["--frames", "6", "--fps", "40"])
    select_variants = ["--variant", "onnxruntime-fp32", "tensorrt-fp16"]
    data = bench(str(bundle), "--mode", mode, *words, *select_variants)
    assert [r["variant"] for r in data["runs"]] == ["onnxruntime-fp32"]
    assert "sonoedge provision" in data["skipped"]["tensorrt-fp16"]
    assert capsys.readouterr().err.count("tensorrt-fp16: left out:") == 1


@pytest.mark.parametrize("mode", ["closed", "paced", "cold"])
def test_a_damaged_bundle_is_an_error_of_its_own_in_every_process(
    tiny: Path, tmp_path: Path, mode: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = Path(shutil.copytree(tiny, tmp_path / "bundle"))
    graph = next((bundle / "graphs").iterdir())
    graph.write_bytes(graph.read_bytes() + b"x")
    assert main(["bench", str(bundle), "--mode", mode, "--frames", "2"]) == 5
    assert "DIGEST_MISMATCH" in capsys.readouterr().err


def test_where_every_engine_is_missing_the_reason_is_the_error(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = with_tensorrt(tiny, tmp_path)
    assert main(["bench", str(bundle), "--runtime", "tensorrt"]) == 4
    assert "RUNTIME_UNAVAILABLE" in capsys.readouterr().err


def with_tensorrt(tiny: Path, folder: Path) -> Path:
    """The bundle with a graph for TensorRT besides, which nobody has provisioned."""
    bundle = Path(shutil.copytree(tiny, folder / "bundle"))
    manifest = json.loads((bundle / "manifest.json").read_text())
    more = {"id": "tensorrt-fp16", "runtime": "tensorrt", "precision": "fp16"}
    manifest["variants"].append(manifest["variants"][0] | more | {"latency_ms_p50": None})
    (bundle / "manifest.json").write_text(manifest_text(manifest))
    return bundle


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--size", "640"], 2, "640x480"),
        (["--frames", "0"], 2, "--frames"),
        (["--variant", "none"], 2, "no variant 'none'"),
        (["--mode", "paced", "--fps", "0"], 2, "--fps must be above 0"),
        (["--mode", "paced", "--fps", "nan"], 2, "--fps"),
        (["--mode", "paced", "--duration", "0"], 2, "--duration must be above 0"),
        (["--duration", "5"], 2, "no meaning in mode closed"),
        (["--mode", "paced", "--fps", "15", "30"], 2, "--mode sweep"),
        (["--threads", "0"], 2, "--threads"),
        (["--mode", "cold", "--repeats", "0"], 2, "--repeats"),
        (["--repeats", "3"], 2, "--repeats has no meaning in mode closed"),
        (["--fps", "30"], 2, "--fps has no meaning in mode closed"),
        (["--mode", "paced", "--profile"], 2, "--profile has no meaning in mode paced"),
        (["--mode", "paced", "--max-growth", "3"], 2, "no meaning in mode paced"),
        (["--mode", "paced", "--frames", "3", "--duration", "3"], 2, "not both"),
        (["--mode", "paced", "--deadline-ms", "-1"], 2, "--deadline-ms"),
        (["--target", "toaster"], 2, "x86-vnni"),
        (["--fail-over", "10%"], 2, "--baseline"),
        (["--json", f"{__file__}/a.json"], 2, "cannot be written"),
        (["--html", "."], 2, "name a file"),
        (["--json", "same", "--csv", "same"], 2, "two outputs"),
        (["--source", "nothing-here.mp4"], 6, "cannot be opened"),
        (["--baseline", "nothing-here.json"], 2, "cannot be read"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_measured(
    tiny: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: int,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["bench", str(tiny), *words]) == code
    out = capsys.readouterr()
    assert said in out.err
    assert out.out == ""


def test_a_bundle_that_is_none_and_a_source_without_frames_are_told(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", str(tmp_path / "no-bundle")]) == 5
    assert "BUNDLE_NOT_FOUND" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert main(["bench", str(tiny), "--source", str(tmp_path / "empty")]) == 6
    assert "holds no pictures" in capsys.readouterr().err


def test_a_baseline_of_another_kind_is_refused_before_anything_is_measured(
    tiny: Path, tmp_path: Path, bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    data = bench(str(tiny), *ORT, "--frames", "6")
    baseline = tmp_path / "baseline.json"
    for change, said in (
        ({"machine": data["machine"] | {"cpu": "another"}}, "machine: cpu: another"),
        ({"model": data["model"] | {"id": "another"}}, "model: another"),
        ({"mode": "cold"}, "mode cold"),
    ):
        baseline.write_text(json.dumps(data | change))
        capsys.readouterr()
        words = [str(tiny), *ORT, "--frames", "6", "--baseline", str(baseline)]
        assert main(["bench", *words]) == 2
        told = capsys.readouterr()
        assert said in told.err
        assert told.out == ""
        assert main(["bench", *words, "--force"]) == (2 if "mode" in change else 0)


def test_a_baseline_without_such_a_run_does_not_cost_the_measurement(
    tiny: Path, tmp_path: Path, bench: Bench, valid: Valid, capsys: pytest.CaptureFixture[str]
) -> None:
    data = bench(str(tiny), *ORT, "--frames", "6")
    data["runs"] = [data["runs"][0] | {"variant": name} for name in ("a", "b")]
    baseline, file = tmp_path / "baseline.json", tmp_path / "new.json"
    baseline.write_text(json.dumps(data))
    words = [str(tiny), *ORT, "--frames", "6", "--baseline", str(baseline), "--json", str(file)]
    assert main(["bench", *words]) == 2
    assert "no run is in both" in capsys.readouterr().err
    assert valid(file)["complete"] is True


def test_frames_that_are_all_refused_are_an_error_and_the_reasons_are_kept(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], valid: Valid
) -> None:
    folder, file = tmp_path / "black", tmp_path / "a.json"
    folder.mkdir()
    for number in range(2):
        cv2.imwrite(str(folder / f"{number}.png"), np.full((64, 64), number, np.uint8))
    words = [str(tiny), *ORT, "--source", str(folder), "--frames", "4", "--json", str(file)]
    for mode in ("closed", "paced"):
        assert main(["bench", *words, "--mode", mode]) == 2
        assert "frames was analysed" in capsys.readouterr().err
        data = valid(file)
        assert not data["complete"]
        assert sum(data["runs"][0]["outcomes"]["not_analysed"].values()) >= 3


def test_memory_that_grows_above_the_limit_is_exit_code_3(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    grown = growth_of(np.arange(600.0), np.arange(600.0) / 60 + 100, 10.0)
    assert grown is not None
    monkeypatch.setattr(soak, "growth_of", lambda *args: grown)
    words = [str(tiny), *ORT, "--mode", "soak", "--duration", "1"]
    assert main(["bench", *words]) == 3
    assert "memory of the host grows by 60.0 MiB per hour, allowed 10" in capsys.readouterr().err
