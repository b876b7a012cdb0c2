"""Every mode from the command line, on a small real bundle, against the published schema."""

from __future__ import annotations

import json
import os
import shutil
import signal
from itertools import count
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from sonoedge import Frame, LiveSession
from sonoedge.cli import main
from sonoedge_bench.document.files import schema_text
from sonoedge_bench.modes import soak
from sonoedge_bench.modes.soak import growth_of

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")

ORT = ("--runtime", "onnxruntime")


def valid(file: Path) -> dict[str, Any]:
    """The document, after the schema has been asked."""
    data: dict[str, Any] = json.loads(file.read_text())
    jsonschema = pytest.importorskip("jsonschema", reason="needs jsonschema")
    checker = jsonschema.Draft202012Validator
    schema = json.loads(schema_text())
    checker.check_schema(schema)
    checker(schema).validate(data)
    return data


def bench(file: Path, *words: str) -> dict[str, Any]:
    assert main(["bench", *words, "--json", str(file)]) == 0
    return valid(file)


def live_possible() -> None:
    if not hasattr(os, "memfd_create"):
        pytest.skip("a worker process needs Linux")


def test_closed_is_the_default_and_measures_bare_and_whole_in_turns(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = bench(tmp_path / "a.json", str(tiny), *ORT, "--frames", "30", "--size", "64x48")
    assert data["mode"] == "closed"
    assert data["complete"] is True
    assert data["shown"]["sizes"] == [[64, 48]]
    (run,) = data["runs"]
    assert set(run["figures"]) >= {"bare_ms", "analyse_ms", "overhead_ms", "cpu_ms", "engine_ms"}
    assert run["figures"]["analyse_ms"]["n"] == len(run["samples"]["analyse_ms"]) == 30
    assert run["figures"]["analyse_ms"]["p90"]["low"] > 0
    assert run["figures"]["analyse_ms"]["p99"] is None
    assert run["figures"]["analyse_ms"]["needed"] == {"p99": 299, "p999": 2995}
    assert len(run["warm_up"]["analyse_ms"]) == 20
    assert run["memory_mib"]["host"]["peak"] > 0
    assert run["outcomes"]["balanced"] is True
    assert "onnxruntime-fp32" in capsys.readouterr().out


@pytest.mark.parametrize("isolation", ["none", "thread", "process"])
def test_paced_counts_ages_from_arrival_and_every_frame_is_accounted_for(
    tiny: Path, tmp_path: Path, isolation: str
) -> None:
    live_possible()
    words = [*ORT, "--mode", "paced", "--fps", "50", "--frames", "40", "--isolation", isolation]
    (run,) = bench(tmp_path / "a.json", str(tiny), *words, "--deadline-ms", "1000")["runs"]
    outcomes = run["outcomes"]
    assert outcomes["balanced"] is True
    assert outcomes["submitted"] == (35 if isolation == "none" else 40)
    done = outcomes["analysed"] + outcomes["superseded"] + sum(outcomes["not_analysed"].values())
    assert done == outcomes["submitted"]
    assert run["deadline_ms"] == 1000
    assert outcomes["misses"] == outcomes["late"] + outcomes["lost"]
    ages = [a for a in run["samples"]["age_ms"] if a is not None]
    assert len(ages) == outcomes["analysed"] > 0
    assert min(ages) > 0
    assert ("bare_ms" in run["figures"]) == (isolation == "none")
    assert (run["cost"]["worker_cpu_ms_per_frame"] is not None) == (isolation == "process")
    assert set(run["memory_mib"]) == ({"host", "worker"} if isolation == "process" else {"host"})


def test_cold_measures_each_step_in_fresh_processes(tiny: Path, tmp_path: Path) -> None:
    words = [*ORT, "--mode", "cold", "--repeats", "2", "--frames", "4"]
    (run,) = bench(tmp_path / "a.json", str(tiny), *words)["runs"]
    for step in ("numpy_cv2_ms", "import_ms", "open_ms", "first_frame_ms", "steady_ms"):
        assert len(run["samples"][step]) == 2
        assert min(run["samples"][step]) > 0
    parts = zip(run["samples"]["import_ms"], run["samples"]["open_ms"], strict=True)
    whole = run["samples"]["process_ms"]
    assert all(w > a + b for w, (a, b) in zip(whole, parts, strict=True))


def test_soak_watches_memory_and_drift(tiny: Path, tmp_path: Path) -> None:
    live_possible()
    words = [*ORT, "--mode", "soak", "--duration", "5", "--isolation", "process"]
    words += ["--max-growth", "100000"]
    (run,) = bench(tmp_path / "a.json", str(tiny), *words)["runs"]
    assert set(run["facts"]["growth"]) == {"host", "worker"}
    assert run["facts"]["growth"]["worker"]["verdict"] in ("kept", "undecided")
    assert run["facts"]["drift"]["ratio"] > 0
    assert len(run["over_time"]["worker_rss_mib"]) >= 4


def test_sweep_measures_all_combinations(tiny: Path, tmp_path: Path) -> None:
    words = [*ORT, "--mode", "sweep", "--fps", "40", "80", "--threads", "1", "2"]
    data = bench(tmp_path / "a.json", str(tiny), *words, "--duration", "1")
    assert [(r["threads"], r["fps"]) for r in data["runs"]] == [(1, 40), (1, 80), (2, 40), (2, 80)]
    assert all(r["outcomes"]["balanced"] and r["outcomes"]["submitted"] for r in data["runs"])


@pytest.mark.parametrize("mode", ["closed", "paced", "cold", "soak", "sweep"])
def test_a_variant_whose_engine_is_missing_is_left_out_of_every_mode(
    tiny: Path, tmp_path: Path, mode: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = with_tensorrt(tiny, tmp_path)
    few = {"closed": ["--frames", "2"], "cold": ["--repeats", "1", "--frames", "2"]}
    words = few.get(mode, ["--frames", "6", "--fps", "40"])
    chosen = ["--variant", "onnxruntime-fp32", "tensorrt-fp16"]
    data = bench(tmp_path / "a.json", str(bundle), "--mode", mode, *words, *chosen)
    assert [r["variant"] for r in data["runs"]] == ["onnxruntime-fp32"]
    assert "sonoedge provision" in data["skipped"]["tensorrt-fp16"]
    assert capsys.readouterr().err.count("tensorrt-fp16: left out:") == 1


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
    (bundle / "manifest.json").write_text(json.dumps(manifest))
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
        (["--repeats", "0"], 2, "--repeats"),
        (["--deadline-ms", "-1"], 2, "--deadline-ms"),
        (["--target", "toaster"], 2, "x86-vnni"),
        (["--fail-over", "10%"], 2, "--baseline"),
        (["--json", "no/such/folder/a.json"], 2, "folder does not exist"),
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


def test_an_interrupted_run_writes_what_was_measured_and_says_that_it_is_not_complete(
    tiny: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    live_possible()
    submit, turns = LiveSession.submit, count()

    def interrupting(session: LiveSession, frame: Frame) -> int:
        if next(turns) == 60:  # 30 warm-up frames, then 30 that count
            signal.raise_signal(signal.SIGINT)
        return submit(session, frame)

    monkeypatch.setattr(LiveSession, "submit", interrupting)
    file = tmp_path / "a.json"
    words = [*ORT, "--mode", "paced", "--duration", "600", "--isolation", "process"]
    assert main(["bench", str(tiny), *words, "--json", str(file)]) == 130
    assert "NOT COMPLETE" in capsys.readouterr().out
    data = valid(file)
    assert (data["complete"], data["ended"]) == (False, "interrupted")
    (run,) = data["runs"]
    assert run["outcomes"]["balanced"] is True
    assert run["outcomes"]["submitted"] == 30


def test_a_baseline_that_was_faster_by_more_than_allowed_is_exit_code_3(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, words = tmp_path / "before.json", [str(tiny), *ORT, "--frames", "30"]
    data = bench(before, *words)
    for run in data["runs"]:  # as if it had been a hundred times as fast
        run["samples"]["analyse_ms"] = [v / 100 for v in run["samples"]["analyse_ms"]]
    before.write_text(json.dumps(data))
    after = tmp_path / "after.json"
    words += ["--baseline", str(before), "--json", str(after)]
    assert main(["bench", *words]) == 0
    assert valid(after)["comparison"]["rows"][0]["verdict"] == "slower"
    capsys.readouterr()
    assert main(["bench", *words, "--fail-over", "10%"]) == 3
    assert "allowed 1.100" in capsys.readouterr().err


def test_what_waits_awake_and_what_is_kept_warm_is_told_apart(tiny: Path, tmp_path: Path) -> None:
    words = [*ORT, "--mode", "paced", "--fps", "40", "--frames", "24", "--spin", "--keep-warm"]
    (run,) = bench(tmp_path / "a.json", str(tiny), *words)["runs"]
    assert (run["spin"], run["keep_warm"]) == (True, True)
    assert run["outcomes"]["balanced"] is True


def test_frames_that_are_all_refused_are_an_error_and_the_reasons_are_kept(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
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


def test_the_target_of_another_machine_prints_no_figures_as_its_own(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.json"
    words = ["--target", "jetson-thor", *ORT, "--frames", "5", "--json", str(file)]
    assert main(["bench", str(tiny), *words]) == 3
    said = capsys.readouterr()
    assert "These are NOT figures of jetson-thor" in said.out
    assert "model is" in said.err
    found = valid(file)["target"]
    assert (found["is_one"], found["limits"]) == (False, [])


def test_the_lists_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "targets"]) == 0
    assert "jetson-orin-nano" in capsys.readouterr().out
    assert main(["bench", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["$id"] == "urn:sonoedge:bench:2"
