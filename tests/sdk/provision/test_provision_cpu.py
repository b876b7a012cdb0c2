"""Provisioning the CPU variants of a bundle, and what opening makes of the result."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import sonoedge
from sonoedge import EngineOptions
from sonoedge.bundle import read_bundle
from sonoedge.bundle.digest import digest
from sonoedge.bundle.identity import manifest_text
from sonoedge.cli import main
from sonoedge.device.store import Found, find_provision, store_folder
from sonoedge.engines import choose as choosing
from sonoedge.errors import GateFailed, VariantNotFound
from sonoedge.provision import provisioning

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
pytest.importorskip("openvino", reason="needs OpenVINO")


QUICK = ("--rounds", "2")


def provision(bundle: Path, *words: str) -> int:
    return main(["provision", str(bundle), *QUICK, *words])


def found(bundle: Path) -> Found:
    result = find_provision(read_bundle(bundle))
    assert isinstance(result, Found)
    return result


def edit(bundle: Path, change: Callable[[dict[str, object]], None]) -> None:
    file = store_folder(bundle) / "provision.json"
    data = json.loads(file.read_text())
    change(data)
    file.write_text(json.dumps(data))


def times(bundle: Path, **p50_ms: float) -> None:
    """Put other medians into a result."""

    def change(data: dict[str, object]) -> None:
        for result in data["results"]:  # type: ignore[attr-defined]
            if result["runtime"] in p50_ms:
                result["timing"]["p50_ms"] = p50_ms[result["runtime"]]

    edit(bundle, change)


def test_every_variant_is_checked_and_timed_and_the_result_lies_beside_the_bundle(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert provision(bundle) == 0
    result = found(bundle).provision
    assert [(r.variant, r.status) for r in result.results] == [
        ("onnxruntime-fp32", "passed"),
        ("openvino-fp32", "passed"),
        ("tensorrt-fp16", "unavailable"),
    ]
    first = result.results[0]
    assert first.check is not None
    assert (first.check.frames, first.check.flags_agree, first.check.dice) == (3, 1.0, 1.0)
    assert first.timing is not None
    assert first.timing.calls == 10
    assert result.box.cores >= 1
    out = capsys.readouterr().out
    assert "auto takes" in out
    assert "no NVIDIA driver here" in out or "TensorRT" in out


def test_the_bundle_itself_is_not_touched(bundle: Path) -> None:
    before = {p: p.read_bytes() for p in bundle.rglob("*") if p.is_file()}
    assert provision(bundle) == 0
    assert {p: p.read_bytes() for p in bundle.rglob("*") if p.is_file()} == before


def test_auto_takes_the_fastest_of_this_machine_and_says_so(measured: Path) -> None:
    for onnx, other, fastest in ((1.0, 5.0, "onnxruntime"), (5.0, 1.0, "openvino")):
        times(measured, onnxruntime=onnx, openvino=other)
        with sonoedge.open(measured) as analyser:
            assert analyser.origin.runtime == fastest
            assert "fastest available, 1.0 ms on this machine" in analyser.choice


def test_a_result_of_another_machine_is_not_used_and_that_is_said(measured: Path) -> None:
    times(measured, onnxruntime=5.0, openvino=1.0)
    edit(measured, lambda data: data["box"].update(cpu="Another CPU"))  # type: ignore[attr-defined]
    with sonoedge.open(measured) as analyser:
        assert analyser.origin.variant == "onnxruntime-fp32"  # as the manifest has it
        assert "1.0 ms at export" in analyser.choice
        assert "times are not used: cpu was Another CPU, is" in analyser.choice
        assert f"run: sonoedge provision {measured}" in analyser.choice


def test_another_version_of_an_engine_is_another_machine(measured: Path) -> None:
    edit(measured, lambda data: data["box"]["packages"].update(openvino="1.0"))  # type: ignore[index]
    assert "openvino was 1.0" in found(measured).other_machine


def test_a_result_of_another_bundle_is_not_used_and_that_is_said(measured: Path) -> None:
    manifest = measured / "manifest.json"
    data = json.loads(manifest.read_text())
    data["intended_use"] = "Other tests."
    manifest.write_text(manifest_text(data))
    with sonoedge.open(measured, EngineOptions(runtime="onnxruntime")) as analyser:
        assert "is that of another bundle" in analyser.choice


@pytest.mark.parametrize("text", ["", "[]", '{"schema_version": 9}', '{"schema_version": 1}'])
def test_a_result_that_cannot_be_read_is_said_and_changes_nothing(
    measured: Path, text: str
) -> None:
    (store_folder(measured) / "provision.json").write_text(text)
    with sonoedge.open(measured, EngineOptions(runtime="onnxruntime")) as analyser:
        assert "cannot be used" in analyser.choice


def ruined(bundle: Path, variant: str) -> None:
    """Golden answers that the engine does not give."""
    read = read_bundle(bundle)
    answers = read.golden_answers(read.variant(variant))
    spoilt = {
        f"{n:03d}.{name}": 255 - value if value.dtype == np.uint8 else value
        for n, frame in enumerate(answers)
        for name, value in frame.outputs.items()
    }
    path = read.variant(variant).golden
    with (bundle / path).open("wb") as file:
        np.savez(file, **spoilt)
    manifest = bundle / "manifest.json"
    data = json.loads(manifest.read_text())
    new = digest((bundle / path).read_bytes())
    data["files"][path] = {"sha256": new.sha256, "bytes": new.bytes}
    manifest.write_text(manifest_text(data))


def test_a_variant_that_answers_otherwise_here_is_out_and_auto_says_why(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ruined(bundle, "openvino-fp32")
    assert provision(bundle) == 0
    assert "lesion_map is off by" in capsys.readouterr().out
    result = found(bundle).result("openvino-fp32", "openvino")
    assert result is not None
    assert (result.status, result.timing) == ("failed", None)
    with sonoedge.open(bundle) as analyser:
        assert analyser.origin.runtime == "onnxruntime"
        assert "openvino-fp32 on openvino is not used: it failed here" in analyser.choice
    with pytest.raises(VariantNotFound, match="it failed here"):
        sonoedge.open(bundle, EngineOptions(runtime="openvino"))


def test_where_nothing_is_right_nothing_is_written(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ruined(bundle, "openvino-fp32")
    assert provision(bundle, "--runtime", "openvino") == GateFailed.exit_code
    assert "GATE_FAILED" in capsys.readouterr().err
    assert not store_folder(bundle).exists()


def test_one_runtime_asked_for_keeps_what_is_known_of_the_others(bundle: Path) -> None:
    assert provision(bundle, "--runtime", "openvino") == 0
    assert provision(bundle, "--runtime", "onnxruntime") == 0
    kept = [(r.variant, r.status) for r in found(bundle).provision.results]
    assert sorted(kept) == [("onnxruntime-fp32", "passed"), ("openvino-fp32", "passed")]


def test_earlier_times_of_another_machine_are_not_kept(bundle: Path) -> None:
    assert provision(bundle, "--runtime", "openvino") == 0
    edit(bundle, lambda data: data["box"].update(cores=999))  # type: ignore[attr-defined]
    assert provision(bundle, "--runtime", "onnxruntime") == 0
    assert [r.variant for r in found(bundle).provision.results] == ["onnxruntime-fp32"]


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert provision(bundle, "--runtime", "openvino", "--dry-run") == 0
    out = capsys.readouterr().out
    assert "ok        openvino-fp32: golden frames on openvino, timing" in out
    assert "this was a dry run" in out
    assert not store_folder(bundle).exists()


def test_a_damaged_bundle_is_refused_by_a_dry_run_too(bundle: Path) -> None:
    (bundle / "golden" / "frame001.png").unlink()
    assert provision(bundle, "--dry-run") == 5


def test_a_report_holds_the_machine_the_result_and_every_sample(
    bundle: Path, tmp_path: Path
) -> None:
    file = tmp_path / "report.json"
    assert provision(bundle, "--runtime", "onnxruntime", "--report", str(file)) == 0
    report = json.loads(file.read_text())
    assert report["bundle_id"] == report["provision"]["bundle_id"]
    assert len(report["samples_ms"]["onnxruntime-fp32 on onnxruntime"]) == 10
    assert report["machine"]["cpu"]["threads"] >= 1
    assert str(bundle.parent) not in file.read_text()


def test_a_report_is_written_of_a_failure_as_well(bundle: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    code = provision(bundle, "--runtime", "tensorrt", "--report", str(file))
    report = json.loads(file.read_text())
    assert code != 0
    assert report["error"]["token"] in ("RUNTIME_UNAVAILABLE", "MISSING_DEPENDENCY")


def test_a_place_that_may_not_be_written_is_our_error(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store_folder(bundle).write_text("a file is in the way")
    assert provision(bundle, "--runtime", "onnxruntime") == 2
    assert "OUTPUT_ERROR" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("--rounds", "0"), ("--workspace-mb", "-1")])
def test_numbers_out_of_range_are_refused(bundle: Path, words: tuple[str, str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["provision", str(bundle), *words])
    assert ended.value.code == 2


@pytest.mark.parametrize("there", [True, False])
def test_auto_names_an_engine_that_is_still_to_be_built_where_there_is_a_gpu(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    monkeypatch.setattr(choosing, "present", lambda: there)
    with sonoedge.open(bundle) as analyser:
        told = f"tensorrt-fp16 has no engine on this device yet; run: sonoedge provision {bundle}"
        assert (told in analyser.choice) == there


def test_times_that_were_measured_beside_other_work_say_so(
    bundle: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = iter([{"1": 0.0}, {"1": 10_000.0}])
    monkeypatch.setattr(provisioning, "cpu_wait_ms", lambda pid: next(waits))
    assert provision(bundle) == 0
    assert "the machine was busy while engines were timed" in capsys.readouterr().err
    assert found(bundle).provision.busy
    with sonoedge.open(bundle) as analyser:
        assert "the machine was busy" in analyser.choice
    assert main(["inspect", str(bundle)]) == 0
    assert "the machine was busy" in capsys.readouterr().out


def test_times_that_were_measured_in_peace_need_no_word(
    bundle: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provisioning, "cpu_wait_ms", lambda pid: {"1": 5.0})
    assert provision(bundle) == 0
    assert "busy" not in capsys.readouterr().err
    assert found(bundle).provision.cpu_wait_share == 0


def test_inspect_shows_what_was_provisioned(
    bundle: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["inspect", str(bundle)]) == 0
    assert "not provisioned on this device; run: sonoedge provision" in capsys.readouterr().out
    monkeypatch.setattr(provisioning, "cpu_wait_ms", lambda pid: {})
    assert provision(bundle) == 0
    capsys.readouterr()
    assert main(["inspect", str(bundle)]) == 0
    shown = capsys.readouterr().out
    assert "onnxruntime-fp32 on onnxruntime: passed, p50" in shown
    assert main(["inspect", str(bundle), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)["provision"]
    assert data["state"] == "found"
    assert data["provision"]["cpu_wait_share"] is None
    (store_folder(bundle) / "provision.json").write_text("{")
    assert main(["inspect", str(bundle)]) == 0
    assert "it is not used" in capsys.readouterr().out


def test_a_report_never_lands_in_the_bundle(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = bundle / "manifest.json"
    before = manifest.read_bytes()
    assert provision(bundle, "--report", str(manifest)) == 2
    assert "--report lies in the bundle" in capsys.readouterr().err
    assert manifest.read_bytes() == before


@pytest.mark.parametrize("seconds", ["nan", "-1", "0", "inf", "long"])
def test_a_time_limit_is_a_positive_number(
    bundle: Path, seconds: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        provision(bundle, f"--timeout-s={seconds}")
    assert f"{seconds!r} must be above 0" in capsys.readouterr().err
