"""The steps of provisioning, one by one: check, timing, store, tasks."""

from __future__ import annotations

import dataclasses
import json
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from sonoedge.bundle import read_bundle
from sonoedge.cli import main
from sonoedge.device import store
from sonoedge.device.fingerprint import (
    FINGERPRINTS,
    CpuBox,
    GpuBox,
    cpu_box,
    fingerprint_differences,
)
from sonoedge.device.record import SCHEMA_VERSION, Provision, Result
from sonoedge.errors import OutputError, VariantNotFound
from sonoedge.provision import precision, provisioning, writing
from sonoedge.provision import tasks as tasks_module
from sonoedge.provision.build import BUILDER, BuildSettings
from sonoedge.provision.check import check
from sonoedge.provision.tasks import dry_run, first_blocker, provision_tasks
from sonoedge.provision.timing import interleaved_ms, timing
from sonoedge.runtime import RUNTIMES, Tensors, TensorSpec, resolve


class Stored:
    """A runtime that answers what it is given to answer, in turn."""

    def __init__(self, answers: list[dict[str, np.ndarray]], inputs: tuple[TensorSpec, ...]):
        self.inputs, self.outputs = inputs, ()
        self._answers, self.calls = answers, 0

    def infer(self, tensors: Tensors) -> Tensors:
        self.calls += 1
        return self._answers[(self.calls - 1) % len(self._answers)]

    def close(self) -> None:
        pass


def answers_of(bundle: Path) -> tuple[object, list[dict[str, np.ndarray]], Stored]:
    read = read_bundle(bundle)
    variant = read.variant("onnxruntime-fp32")
    answers = [
        {name: value.copy() for name, value in frame.outputs.items()}
        for frame in read.golden_answers(variant)
    ]
    return (read, variant), answers, Stored(answers, read.manifest.inputs)


def test_an_engine_that_answers_as_verified_passes(bundle: Path) -> None:
    (read, variant), _, engine = answers_of(bundle)
    found, problems = check(engine, read, variant)
    assert problems == []
    assert (found.flags_agree, found.dice, found.frames) == (1.0, 1.0, 3)
    assert found.decided >= 1
    assert found.decided_agree == 1.0
    assert set(found.largest.values()) == {0.0}


def test_a_difference_beyond_the_tolerance_is_named(bundle: Path) -> None:
    (read, variant), answers, engine = answers_of(bundle)
    answers[1]["class_probs"] = answers[1]["class_probs"] + np.float32(0.01)
    found, problems = check(engine, read, variant)
    assert problems == ["class_probs is off by 0.01, allowed 0.0001"]
    assert found.largest["class_probs"] == pytest.approx(0.01, abs=1e-6)


def test_a_flag_that_turns_is_refused_even_within_a_wide_tolerance(bundle: Path) -> None:
    (read, variant), answers, engine = answers_of(bundle)
    wide = dataclasses.replace(
        variant, tolerance=dataclasses.replace(variant.tolerance, map_levels=255, probs=1.0)
    )
    for answer in answers:
        answer["malignancy_map"] = 255 - answer["malignancy_map"]
    found, problems = check(engine, read, wide)
    assert found.decided_agree is not None
    assert found.decided_agree < 1
    assert any("decided golden frames are flagged as at export" in line for line in problems)


def test_regions_that_are_gone_are_refused_even_within_a_wide_tolerance(bundle: Path) -> None:
    (read, variant), answers, engine = answers_of(bundle)
    wide = dataclasses.replace(
        variant, tolerance=dataclasses.replace(variant.tolerance, map_levels=255, probs=1.0)
    )
    for answer in answers:
        answer["lesion_map"] = answer["lesion_map"] * 0
    found, problems = check(engine, read, wide)
    assert found.dice == 0.0
    assert any("regions overlap those at export by 0.000" in line for line in problems)


@pytest.mark.parametrize("value", [np.zeros((1, 3), np.float64), np.full((1, 3), np.nan, "f4")])
def test_an_answer_of_another_kind_or_nan_is_refused(bundle: Path, value: np.ndarray) -> None:
    (read, variant), answers, engine = answers_of(bundle)
    answers[0]["class_probs"] = value
    found, problems = check(engine, read, variant)
    assert any(line.startswith("class_probs is off by inf") for line in problems)
    json.dumps(dataclasses.asdict(found), allow_nan=False)


def test_engines_take_turns_and_the_first_call_of_a_burst_is_not_counted() -> None:
    spec = (TensorSpec(name="frame", dtype="uint8", shape=(1, 1, 2, 2)),)
    a, b = Stored([{}], spec), Stored([{}], spec)
    ticks = count(step=3_000_000)  # the clock jumps 3 ms at each reading
    tensors = [np.zeros((1, 1, 2, 2), np.uint8)]
    samples = interleaved_ms(
        {"a": a, "b": b}, tensors, rounds=4, burst=5, clock_ns=lambda: next(ticks)
    )
    assert (a.calls, b.calls) == (24, 24)
    assert samples == {"a": [3.0] * 20, "b": [3.0] * 20}
    found = timing(samples["a"])
    assert (found.calls, found.p50_ms, found.p90_ms, found.p99_ms) == (20, 3.0, 3.0, 3.0)


def provision_of(bundle: Path, results: tuple[Result, ...] = ()) -> Provision:
    read = read_bundle(bundle)
    return Provision(
        schema_version=SCHEMA_VERSION,
        bundle_id=read.manifest.bundle_id,
        manifest_sha256=read.manifest_sha256,
        created="2026-01-01T00:00:00+00:00",
        box=cpu_box(),
        conditions={},
        results=results,
    )


RESULT = Result(
    variant="tensorrt-fp16",
    runtime="tensorrt",
    precision="fp16",
    status="passed",
    engine="tensorrt-fp16.tensorrt.abc.json",
)


def test_what_is_written_is_read_back(bundle: Path) -> None:
    folder = store.store_folder(bundle)
    written = provision_of(bundle, (RESULT,))
    writing.write(folder, written, {"tensorrt-fp16.tensorrt.abc.engine": b"e"})
    found = store.find_provision(read_bundle(bundle))
    assert isinstance(found, store.Found)
    assert found.provision == written
    assert found.other_machine == ""
    assert found.result("tensorrt-fp16", "tensorrt") == RESULT
    assert found.result("tensorrt-fp16", "tensorrt-rtx") is None


@pytest.mark.req("R36")
def test_a_write_that_is_cut_off_leaves_the_result_of_before(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = store.store_folder(bundle)
    writing.write(
        folder, provision_of(bundle, (RESULT,)), {"tensorrt-fp16.tensorrt.abc.engine": b"e"}
    )
    before = {p.name: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    real = writing.replace_durably

    def full(file: Path, data: bytes) -> None:
        if file.name == store.INDEX:
            raise OSError(28, "No space left on device")
        real(file, data)

    monkeypatch.setattr(writing, "replace_durably", full)
    with pytest.raises(OutputError, match="No space left"):
        writing.write(folder, provision_of(bundle), {"new.engine": b"n"})
    after = {p.name: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert after == before | {"new.engine": b"n"}
    monkeypatch.undo()
    writing.write(folder, provision_of(bundle, (RESULT,)), {})  # what is left over goes
    assert {p.name for p in folder.rglob("*") if p.is_file()} == set(before)


def test_what_differs_between_machines_is_named_by_its_smallest_part() -> None:
    here = cpu_box()
    other = dataclasses.replace(here, cores=7, packages=dict(here.packages) | {"numpy": "1.0"})
    assert [row[0] for row in fingerprint_differences(here, other)] == ["cores", "numpy"]
    assert fingerprint_differences(here, cpu_box()) == []
    assert isinstance(here, CpuBox)
    gpu = GpuBox(
        gpu="Orin",
        compute_capability="8.7",
        driver=None,
        driver_cuda="12.6",
        cuda_runtime="12.6",
        tensorrt="tensorrt 10.3.0",
    )
    assert fingerprint_differences(gpu, dataclasses.replace(gpu, driver="540.4.0")) == [
        ("driver", "None", "540.4.0")
    ]


def test_all_means_each_variant_on_its_own_runtime(bundle: Path) -> None:
    read = read_bundle(bundle)
    assert [(j.variant.id, j.runtime) for j in provision_tasks(read, "all")] == [
        ("onnxruntime-fp32", "onnxruntime"),
        ("openvino-fp32", "openvino"),
        ("tensorrt-fp16", "tensorrt"),
    ]
    assert [j.runtime for j in provision_tasks(read, "tensorrt-rtx")] == ["tensorrt-rtx"]
    with pytest.raises(VariantNotFound, match="no variant for abacus"):
        provision_tasks(read, "abacus")


def test_a_full_disk_and_a_closed_folder_block_everything(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = read_bundle(bundle)
    tasks = provision_tasks(read, "all")
    monkeypatch.setattr(tasks_module, "ROOM", 1 << 50)
    blocked = first_blocker(dry_run(read, tasks))
    assert isinstance(blocked, OutputError)
    assert "MB may be needed" in str(blocked)
    monkeypatch.undo()
    monkeypatch.setattr(tasks_module.os, "access", lambda place, mode: False)
    assert isinstance(first_blocker(dry_run(read, tasks)), OutputError)


def test_what_is_named_by_string_is_there() -> None:
    for path in {*FINGERPRINTS.values(), BUILDER}:
        assert callable(resolve(path))
    assert set(FINGERPRINTS) <= set(RUNTIMES)


def test_a_place_that_may_not_be_written_is_told_before_anything_is_done(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    read = read_bundle(bundle)
    monkeypatch.setattr(tasks_module.os, "access", lambda place, how: False)
    with pytest.raises(OutputError, match="give the bundle a place that may be"):
        provisioning.provision(
            read, provision_tasks(read, "all"), build=BuildSettings(), rounds=1, say=said.append
        )
    assert said == []


def test_a_report_that_cannot_be_written_is_told_before_anything_is_done(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = bundle / "nowhere" / "report.json"
    assert main(["provision", str(bundle), "--rounds", "1", "--report", str(report)]) == 2
    assert "golden frames right" not in capsys.readouterr().err
    assert not store.store_folder(bundle).exists()


def test_what_was_meant_in_int8_is_read_from_the_manifest_and_nothing_else_is(
    bundle: Path,
) -> None:
    read = read_bundle(bundle)
    variant = read.variant("tensorrt-fp16")
    assert precision.intended_int8(read, variant) == ()
    for said, wanted in (
        ({"tensorrt-fp16": {"int8_nodes": ["a", "b"]}}, ("a", "b")),
        ({"tensorrt-fp16": {"int8_nodes": "ab"}}, ()),
        ({"tensorrt-fp16": 7}, ()),
        ({"another": {"int8_nodes": ["a"]}}, ()),
        (None, ()),
    ):
        lineage = {**read.manifest.lineage, "quantized": said}
        manifest = dataclasses.replace(read.manifest, lineage=lineage)
        other = dataclasses.replace(read, manifest=manifest)
        assert precision.intended_int8(other, variant) == wanted
