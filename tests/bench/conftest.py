"""Clocks that tick by hand, a small real bundle, and documents made by hand."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sonoedge import Analysed, Analysis, Frame, NotAnalysed, Origin, Reason
from sonoedge.cli import main
from sonoedge.settings import plain, read
from sonoedge_bench.document import SCHEMA, Document
from sonoedge_bench.document.files import schema_text
from sonoedge_bench.document.machine import Machine
from sonoedge_bench.document.run import Run
from sonoedge_bench.frame_set import FrameSet
from sonoedge_bench.modes.tape import STAGE_COLUMNS, Recording, Subject, Tape
from sonoedge_bench.statistics import summary

ORIGIN = Origin(bundle_id="b", engine_sha256="0" * 64, runtime="r", precision="p", variant="v")
COLUMNS = (
    *(
        "bare_ms",
        "analyse_ms",
        "age_ms",
        "overhead_ms",
        "non_engine_ms",
        "driver_delay_ms",
        "cpu_ms",
    ),
    *STAGE_COLUMNS,
)


@pytest.fixture
def tiny(repository: Path) -> Path:
    """A bundle with a real network."""
    return repository / "tests" / "data" / "tiny"


@pytest.fixture
def frame_set() -> FrameSet:
    """Four different pictures, in their order."""
    rng = np.random.default_rng(0)
    frames = tuple(Frame(pixels=rng.integers(0, 200, (40, 50), dtype=np.uint8)) for _ in range(4))
    return FrameSet(name="noise", frames=frames, order=(0, 1, 2, 3), sha256="0" * 64)


@pytest.fixture
def tape() -> Callable[..., Tape]:
    """Makes a tape with all columns."""

    def make(**more: object) -> Tape:
        values = {
            "variant": "v",
            "runtime": "r",
            "precision": "p",
            "engine_sha256": "0" * 64,
            "threads": 2,
            "isolation": "none",
        }
        return Recording().begin(Subject(**(values | more)), COLUMNS, 8)  # type: ignore[arg-type]

    return make


class Clock:
    """A clock that moves when it is told to, or slept on."""

    def __init__(self) -> None:
        self.now_ns = 0

    def __call__(self) -> int:
        return self.now_ns

    def sleep(self, seconds: float) -> None:
        self.now_ns += round(seconds * 1e9)

    def forward_ms(self, ms: float) -> None:
        self.now_ns += round(ms * 1e6)


@pytest.fixture
def clock() -> Clock:
    """At 0."""
    return Clock()


def analysed(frame: Frame, *, engine_ms: float = 1.0, frame_id: int = 0) -> Analysis:
    """A result in which nothing was found."""
    return Analysed(
        frame_id=frame_id,
        captured_ns=frame.captured_ns,
        age_ms=0.0,
        stages_ms={"guard": 0.5, "preprocess": 0.25, "engine": engine_ms, "postprocess": 0.25}
        | {"tracker": 0.125},
        origin=ORIGIN,
        regions=(),
        class_probs={},
    )


def refused(frame: Frame, reason: Reason = Reason.BLACK, frame_id: int = 0) -> Analysis:
    """A frame that the guard has refused."""
    return NotAnalysed(
        frame_id=frame_id,
        captured_ns=frame.captured_ns,
        age_ms=0.0,
        stages_ms={"guard": 0.5},
        origin=ORIGIN,
        reasons=(reason,),
    )


@pytest.fixture
def results() -> tuple[Callable[..., Analysis], Callable[..., Analysis]]:
    """`analysed` and `refused`."""
    return analysed, refused


@pytest.fixture
def valid() -> Callable[[Path], dict[str, Any]]:
    """Reads a document, after the published schema has been asked."""

    def read(file: Path) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(file.read_text())
        jsonschema = pytest.importorskip("jsonschema", reason="needs jsonschema")
        checker = jsonschema.Draft202012Validator
        schema = json.loads(schema_text())
        checker.check_schema(schema)
        checker(schema).validate(data)
        return data

    return read


@pytest.fixture
def bench(valid: Callable[[Path], dict[str, Any]], tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Runs `sonoedge bench` with these words; returns its document."""

    def run(*words: str) -> dict[str, Any]:
        file = tmp_path / "bench.json"
        assert main(["bench", *words, "--json", str(file)]) == 0
        return valid(file)

    return run


@pytest.fixture
def live() -> None:
    """Skips where there can be no worker process."""
    if not hasattr(os, "memfd_create"):
        pytest.skip("a worker process needs Linux")


MACHINE: dict[str, Any] = {
    "cpu": "A <b>processor</b>", "instructions": ["avx2"], "cores": 2, "quota": 1.5, "threads": 1,
    "system": "Linux", "kernel": "6.1", "architecture": "x86_64", "gpu": None, "driver": None,
    "compute_capability": None, "python": "3.11", "packages": {"numpy": "2.0", "openvino": None},
    "governor": None, "power_mode": None, "model": None, "l4t": None,
}  # fmt: skip
MOMENT: dict[str, Any] = {
    "core_mhz": [2000.0, 1000.0], "clock_domains": [], "boost": None, "gpu_mhz": None,
    "temperatures_c": {"cpu": 61.5}, "throttle_counts": {}, "throttled_by": [], "load": 0.5,
}  # fmt: skip


def make(mode: str, *, threads: int = 2, scale: float = 1.0, fps: float | None = 30.0) -> Run:
    """One run; 400 frames, three of them late and one lost."""
    rng = np.random.default_rng(threads)
    engine = scale * rng.gamma(50, 0.2, 400)
    engine[[100, 200, 300]] += 40
    columns = {"number": list(range(400)), "engine_ms": engine.tolist()}
    for stage in ("guard", "preprocess", "postprocess", "tracker"):
        columns[f"{stage}_ms"] = rng.uniform(0.1, 0.3, 400).tolist()
    total = (engine + 1).tolist()
    if mode == "closed":
        columns |= {"analyse_ms": total, "bare_ms": engine.tolist(), "overhead_ms": [1.0] * 400}
    elif mode == "cold":
        columns = {"number": list(range(400)), "open_ms": total, "import_ms": total}
    else:
        columns |= {"age_ms": total, "overhead_ms": [1.0] * 400}
    paced = mode not in ("closed", "cold")
    cost = {"wall_s": 13.0, "cpu_ms_per_frame": 10.0 / threads, "cores_used": 0.3}
    growth = {"mib_per_h": 60.0, "low": 50.0, "high": 70.0, "limit_mib_per_h": 10.0}
    growth |= {"growth_mib": 5.0, "span_s": 300.0, "verdict": "exceeded"}
    drift = {"first_quarter_p50_ms": 10.0, "last_quarter_p50_ms": 11.0}
    drift |= {"ratio": 1.1, "low": 1.05, "high": 1.15}
    values = {
        "variant": "openvino-int8", "runtime": "openvino", "precision": "int8",
        "engine_sha256": "0" * 64, "threads": threads, "isolation": "none",
        "spin": False, "keep_warm": False,
        "fps": fps if paced else None, "deadline_ms": 33.3 if paced else None,
        "figures": {n: summary(v) for n, v in columns.items() if n != "number"},
        "overhead_percent": 10.0, "throughput_fps": 30.0,
        "cost": cost | {"host_cpu_ms_per_frame": 1.0, "worker_cpu_ms_per_frame": None}
        | {"joules_per_frame": 0.123, "watts": 5.0},
        "memory_mib": {"host": {"peak": 150.0, "steady": 149.0}},
        "outcomes": {"submitted": 401, "analysed": 400, "not_analysed": {}, "superseded": 1,
                     "in_flight": 0, "balanced": True, "late": 3, "lost": 1, "misses": 4,
                     "misses_per_hour": 1077.3},
        "over_time": {"t_s": [0.0, 1.0, 2.0], "host_rss_mib": [148.0, 149.0, 149.0],
                      "temperature_max_c": [60.0, 61.0, 62.0]},
        "engine_restarts": None, "profile": None,
        "growth": {"host": growth} if mode == "soak" else {},
        "drift": drift if mode == "soak" else None,
        "samples": columns, "warm_up": {},
        "without_result": [[400, "superseded"]] if paced else [],
    }  # fmt: skip
    return read(Run, plain(values))


def document(mode: str, *runs: Run) -> Document:
    """A document with something in every part."""
    values = {
        "schema": SCHEMA, "mode": mode, "complete": True, "stop_reason": "",
        "model": {"kind": "bundle", "id": "net-1-abc", "name": "net", "version": "1",
                  "metrics": {}},
        "settings": {"fps": [30.0], "duration_s": 13.0, "frames": 400, "repeats": 3,
                     "threads": [None], "isolation": "none", "size": None},
        "frames": {"name": "golden", "count": 4, "sizes": [[640, 480]], "sha256": "0" * 64},
        "machine": MACHINE, "energy_sensor": "RAPL, 1 package",
        "conditions": {"before": MOMENT, "after": MOMENT, "throttling": [],
                       "other_work": {"other_cores": 0.01, "stolen_cores": None}},
        "skipped": {"tensorrt-fp16": "run: sonoedge provision"},
        "target": None, "comparison": None, "runs": runs or [make(mode)],
    }  # fmt: skip
    return read(Document, plain(values))


@pytest.fixture
def a_document() -> Any:
    """Makes a document of a mode."""
    return document


@pytest.fixture
def a_run() -> Any:
    """Makes a run of a mode."""
    return make


@pytest.fixture
def a_machine() -> Callable[..., Machine]:
    """Makes a machine; what is not given is made up."""
    return lambda **values: read(Machine, MACHINE | values)
