"""Every mode from the command line, on a small real bundle, against the published schema."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from sonoedge import Frame, LiveSession
from sonoedge.cli import main

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")

ORT = ("--runtime", "onnxruntime")
Bench = Callable[..., dict[str, Any]]
Valid = Callable[[Path], dict[str, Any]]


def test_closed_is_the_default_and_measures_bare_and_whole_in_turns(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], bench: Bench
) -> None:
    data = bench(str(tiny), *ORT, "--frames", "30", "--size", "64x48")
    assert data["mode"] == "closed"
    assert data["complete"] is True
    assert data["frames"]["sizes"] == [[64, 48]]
    (run,) = data["runs"]
    assert set(run["figures"]) >= {"bare_ms", "analyse_ms", "overhead_ms", "cpu_ms", "engine_ms"}
    assert run["figures"]["analyse_ms"]["n"] == len(run["samples"]["analyse_ms"]) == 30
    assert run["figures"]["analyse_ms"]["p90"]["low"] > 0
    assert run["figures"]["analyse_ms"]["p99"] is None
    assert run["figures"]["analyse_ms"]["required_samples"] == {"p99": 299, "p999": 2995}
    assert len(run["warm_up"]["analyse_ms"]) == 20
    assert run["memory_mib"]["host"]["peak"] > 0
    assert run["outcomes"]["balanced"] is True
    assert "onnxruntime-fp32" in capsys.readouterr().out


@pytest.mark.usefixtures("live")
def test_closed_through_a_session_has_the_bare_engine_beside_it(tiny: Path, bench: Bench) -> None:
    (run,) = bench(str(tiny), *ORT, "--frames", "12", "--isolation", "process")["runs"]
    assert run["isolation"] == "process"
    assert run["figures"]["bare_ms"]["n"] == run["figures"]["analyse_ms"]["n"] == 12
    assert run["cost"]["worker_cpu_ms_per_frame"] > 0
    assert set(run["memory_mib"]) == {"host", "worker"}


@pytest.mark.usefixtures("live")
@pytest.mark.parametrize("isolation", ["none", "thread", "process"])
def test_paced_counts_ages_from_arrival_and_every_frame_is_accounted_for(
    tiny: Path, tmp_path: Path, isolation: str, bench: Bench
) -> None:
    words = [*ORT, "--mode", "paced", "--fps", "50", "--frames", "40", "--isolation", isolation]
    (run,) = bench(str(tiny), *words, "--deadline-ms", "1000")["runs"]
    outcomes = run["outcomes"]
    assert outcomes["balanced"] is True
    assert outcomes["submitted"] == (35 if isolation == "none" else 40)
    counted = outcomes["analysed"] + outcomes["superseded"] + sum(outcomes["not_analysed"].values())
    assert counted == outcomes["submitted"]
    assert run["deadline_ms"] == 1000
    assert outcomes["misses"] == outcomes["late"] + outcomes["lost"]
    ages = [a for a in run["samples"]["age_ms"] if a is not None]
    assert len(ages) == outcomes["analysed"] > 0
    assert min(ages) > 0
    assert ("bare_ms" in run["figures"]) == (isolation == "none")
    assert (run["cost"]["worker_cpu_ms_per_frame"] is not None) == (isolation == "process")
    assert set(run["memory_mib"]) == ({"host", "worker"} if isolation == "process" else {"host"})


def test_cold_measures_each_step_in_fresh_processes(
    tiny: Path, tmp_path: Path, bench: Bench
) -> None:
    words = [*ORT, "--mode", "cold", "--repeats", "2", "--frames", "4"]
    (run,) = bench(str(tiny), *words)["runs"]
    for step in ("numpy_cv2_ms", "import_ms", "open_ms", "first_frame_ms", "steady_ms"):
        assert len(run["samples"][step]) == 2
        assert min(run["samples"][step]) > 0
    parts = zip(run["samples"]["import_ms"], run["samples"]["open_ms"], strict=True)
    total = run["samples"]["process_ms"]
    assert all(w > a + b for w, (a, b) in zip(total, parts, strict=True))


@pytest.mark.usefixtures("live")
def test_soak_watches_memory_and_drift(tiny: Path, tmp_path: Path, bench: Bench) -> None:
    words = [*ORT, "--mode", "soak", "--duration", "5", "--isolation", "process"]
    words += ["--max-growth", "100000"]
    (run,) = bench(str(tiny), *words)["runs"]
    assert set(run["growth"]) == {"host", "worker"}
    assert run["growth"]["worker"]["verdict"] in ("kept", "undecided")
    assert run["drift"]["ratio"] > 0
    assert len(run["over_time"]["worker_rss_mib"]) >= 4


def test_sweep_measures_all_combinations(tiny: Path, tmp_path: Path, bench: Bench) -> None:
    words = [*ORT, "--mode", "sweep", "--fps", "40", "80", "--threads", "1", "2"]
    data = bench(str(tiny), *words, "--duration", "1")
    assert [(r["threads"], r["fps"]) for r in data["runs"]] == [(1, 40), (1, 80), (2, 40), (2, 80)]
    assert all(r["outcomes"]["balanced"] and r["outcomes"]["submitted"] for r in data["runs"])


@pytest.mark.usefixtures("live")
def test_an_interrupted_run_writes_what_was_measured_and_says_that_it_is_not_complete(
    tiny: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    valid: Valid,
) -> None:
    submit, turns = LiveSession.submit, count()

    def interrupting(session: LiveSession, frame: Frame) -> int:
        if next(turns) == 60:  # 30 warm-up frames, then 30 that count
            signal.raise_signal(signal.SIGINT)
        return submit(session, frame)

    monkeypatch.setattr(LiveSession, "submit", interrupting)
    file = tmp_path / "a.json"
    words = [*ORT, "--mode", "paced", "--duration", "60", "--isolation", "process"]
    assert main(["bench", str(tiny), *words, "--json", str(file)]) == 130
    assert "NOT COMPLETE" in capsys.readouterr().out
    data = valid(file)
    assert (data["complete"], data["stop_reason"]) == (False, "interrupted")
    (run,) = data["runs"]
    assert run["outcomes"]["balanced"] is True
    assert run["outcomes"]["submitted"] == 30


def test_a_baseline_that_was_faster_by_more_than_allowed_is_exit_code_3(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], valid: Valid, bench: Bench
) -> None:
    before, words = tmp_path / "before.json", [str(tiny), *ORT, "--frames", "30"]
    data = bench(*words)
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


def test_what_waits_awake_and_what_is_kept_warm_is_told_apart(
    tiny: Path, tmp_path: Path, bench: Bench
) -> None:
    words = [*ORT, "--mode", "paced", "--fps", "40", "--frames", "24", "--spin", "--keep-warm"]
    (run,) = bench(str(tiny), *words)["runs"]
    assert (run["spin"], run["keep_warm"]) == (True, True)
    assert run["outcomes"]["balanced"] is True


def test_the_target_of_another_machine_prints_no_figures_as_its_own(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], valid: Valid
) -> None:
    file = tmp_path / "a.json"
    words = ["--target", "jetson-thor", *ORT, "--frames", "5", "--json", str(file)]
    assert main(["bench", str(tiny), *words]) == 3
    output = capsys.readouterr()
    assert "These are NOT figures of jetson-thor" in output.out
    assert "model is" in output.err
    result = valid(file)["target"]
    assert (result["matches"], result["limits"]) == (False, [])


def test_the_lists_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "targets"]) == 0
    assert "jetson-orin-nano" in capsys.readouterr().out
    assert main(["bench", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["$id"] == "urn:sonoedge:bench:3"


@pytest.mark.parametrize("name", ["targets", "schema", "compare"])
def test_every_subcommand_has_its_own_help(capsys: pytest.CaptureFixture[str], name: str) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["bench", name, "--help"])
    assert stop.value.code == 0
    assert f"usage: sonoedge bench {name}" in capsys.readouterr().out
