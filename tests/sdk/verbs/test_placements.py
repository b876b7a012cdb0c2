"""How a bundle's engines' threads are placed, and why, as `sonoedge doctor BUNDLE` tells it."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest

from sonoedge.bundle import read_bundle
from sonoedge.cli import main
from sonoedge.device.fingerprint import cpu_box
from sonoedge.device.record import SCHEMA_VERSION, Placement, Provision, Result, Timing
from sonoedge.device.store import INDEX, store_folder
from sonoedge.engines import placement
from sonoedge.settings import plain
from sonoedge.verbs.doctor import doctor
from sonoedge.verbs.placements import placement_rows, placements

TINY = Path(__file__).parents[2] / "data" / "tiny"


def times(ms: float) -> Timing:
    return Timing(calls=45, p50_ms=ms, p90_ms=ms, p99_ms=ms)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """The small bundle, in a folder whose name a shell would cut."""
    folder = tmp_path / "my bundle"
    shutil.copytree(TINY, folder)
    return folder


def provisioned(folder: Path, *results: Result, cpu: str | None = None) -> None:
    """Put a provision result beside a bundle."""
    bundle = read_bundle(folder)
    box = cpu_box() if cpu is None else dataclasses.replace(cpu_box(), cpu=cpu)
    made = Provision(
        schema_version=SCHEMA_VERSION,
        bundle_id=bundle.manifest.bundle_id,
        manifest_sha256=bundle.manifest_sha256,
        created="2026-01-01T00:00:00+00:00",
        box=box,
        conditions={},
        results=results,
    )
    beside = store_folder(folder)
    beside.mkdir()
    (beside / INDEX).write_text(json.dumps(plain(made)))


def result(runtime: str, **values: object) -> Result:
    made = Result(variant=f"{runtime}-fp32", runtime=runtime, precision="fp32", status="passed")
    return dataclasses.replace(made, **values)  # type: ignore[arg-type]


def pinned(threads: int) -> Placement:
    return Placement(fps=30.0, threads=threads, free=times(5.0), pinned=times(3.0), chosen="pinned")


def text(folder: Path) -> str:
    return "\n".join(value for _, value in placement_rows(placements(folder)))


def test_what_was_measured_and_what_is_taken_now_is_told(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placement, "usable_threads", lambda: 2)
    monkeypatch.setattr(placement, "load_of_others", lambda threads: None)
    provisioned(
        bundle,
        result("onnxruntime", placement=pinned(2)),
        result("openvino", not_placed="OpenVINO does not bind its threads here"),
    )
    first, second = placements(bundle).placements
    assert (first.taken, first.measured) == ("pinned", pinned(2))
    assert "3.0 ms pinned, 5.0 ms free at 30 frames a second" in first.why
    assert (second.taken, second.measured) == ("free", None)
    assert "openvino-fp32 on openvino, threads free: OpenVINO does not bind" in text(bundle)
    monkeypatch.setattr(placement, "load_of_others", lambda threads: 1.5)
    assert placements(bundle).placements[0].taken == "free"
    assert "other work runs here (load 1.5)" in text(bundle)


def test_a_measurement_of_another_machine_is_not_taken(bundle: Path) -> None:
    provisioned(bundle, result("onnxruntime", placement=pinned(2)), cpu="Another CPU")
    (only,) = placements(bundle).placements
    assert only.taken == "free"
    assert "measured on another machine (cpu was Another CPU" in only.why


def test_engines_that_bind_no_threads_have_no_line(bundle: Path) -> None:
    provisioned(bundle, result("litert"), result("onnxruntime", status="failed"))
    found = placements(bundle)
    assert (found.state, found.placements) == ("found", ())
    assert "no engine passed here" in text(bundle)


def test_a_bundle_that_was_not_provisioned_or_badly_says_so(bundle: Path) -> None:
    assert placements(bundle).state == "absent"
    assert f"run: sonoedge provision '{bundle}'" in text(bundle)
    provisioned(bundle)
    (store_folder(bundle) / INDEX).write_text("{")
    assert placements(bundle).state == "unusable"
    assert "it is not used" in text(bundle)


def test_doctor_shows_them_where_a_bundle_is_named(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    provisioned(bundle, result("openvino", not_placed="one thread needs no core of its own"))
    assert doctor([str(bundle), "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["provision"]["placements"]
    assert (row["variant"], row["taken"]) == ("openvino-fp32", "free")
    assert doctor([str(bundle)]) == 0
    assert "threads free: one thread needs no core of its own" in capsys.readouterr().out
    assert main(["doctor", str(bundle / "none")]) == 5
    assert "BUNDLE_NOT_FOUND" in capsys.readouterr().err
