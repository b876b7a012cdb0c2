"""A provision result in lines for a person."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from sonoedge.bundle import read_bundle
from sonoedge.device.describe import describe_provision
from sonoedge.device.fingerprint import cpu_box
from sonoedge.device.record import Provision, Result, Timing
from sonoedge.device.store import Absent, Found, Unusable

TINY = Path(__file__).parents[2] / "data" / "tiny"
TIMING = Timing(calls=10, p50_ms=1.25, p90_ms=2.0, p99_ms=3.0)
FOUND = Found(
    folder=TINY,
    other_machine="",
    provision=Provision(
        schema_version=1,
        bundle_id="b",
        manifest_sha256="0",
        created="2026-01-01T00:00:00+00:00",
        box=cpu_box(),
        conditions={},
        results=(
            Result(
                variant="a", runtime="onnxruntime", precision="fp32", status="passed", timing=TIMING
            ),
            Result(variant="b", runtime="tensorrt", precision="fp16", status="failed", why="off"),
        ),
    ),
)


def lines(result: Found | Unusable | Absent) -> list[str]:
    return list(describe_provision(result, read_bundle(TINY)))


def test_each_variant_has_its_state_and_its_time_or_its_reason() -> None:
    first, *rest = lines(FOUND)
    assert first.startswith("provisioned 2026-01-01T00:00:00+00:00, on ")
    assert rest == ["a on onnxruntime: passed, p50 1.25 ms", "b on tensorrt: failed: off"]


def test_times_of_another_machine_and_of_a_busy_one_are_told() -> None:
    moved = dataclasses.replace(FOUND, other_machine="cores was 4, is 2")
    assert "its times are not used here: cores was 4, is 2" in lines(moved)
    busy = dataclasses.replace(
        FOUND, provision=dataclasses.replace(FOUND.provision, cpu_wait_share=0.25)
    )
    assert "waited for a processor 25% of the time" in lines(busy)[1]


def test_none_and_an_unusable_one_are_told() -> None:
    assert lines(Absent()) == [f"not provisioned on this device; run: sonoedge provision {TINY}"]
    assert lines(Unusable(why="it cannot be read")) == ["it cannot be read; it is not used"]
