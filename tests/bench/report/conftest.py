"""A document with everything in it, made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sonoedge_bench.statistics import summary

MACHINE: dict[str, Any] = {
    "cpu": "A <b>processor</b>", "instructions": ["avx2"], "cores": 2, "quota": 1.5, "threads": 1,
    "system": "Linux", "kernel": "6.1", "architecture": "x86_64", "gpu": None, "driver": None,
    "compute_capability": None, "python": "3.11", "packages": {"numpy": "2.0", "openvino": None},
    "governor": None, "power_mode": None, "model": None, "l4t": None,
}  # fmt: skip
MOMENT: dict[str, Any] = {
    "core_mhz": [2000.0, 1000.0], "cpufreq": [], "boost": None, "gpu_mhz": None,
    "temperatures_c": {"cpu": 61.5}, "throttle_counts": {}, "slowed_by": [], "load": 0.5,
}  # fmt: skip


def make(mode: str, *, threads: int = 2, scale: float = 1.0, fps: float | None = 30.0) -> Any:
    """One run; 400 frames, three of them late and one lost."""
    rng = np.random.default_rng(threads)
    engine = scale * rng.gamma(50, 0.2, 400)
    engine[[100, 200, 300]] += 40
    columns = {"number": list(range(400)), "engine_ms": engine.tolist()}
    for stage in ("guard", "preprocess", "postprocess", "tracker"):
        columns[f"{stage}_ms"] = rng.uniform(0.1, 0.3, 400).tolist()
    whole = (engine + 1).tolist()
    if mode == "closed":
        columns |= {"analyse_ms": whole, "bare_ms": engine.tolist(), "overhead_ms": [1.0] * 400}
    elif mode == "cold":
        columns = {"number": list(range(400)), "open_ms": whole, "import_ms": whole}
    else:
        columns |= {"age_ms": whole, "overhead_ms": [1.0] * 400}
    paced = mode not in ("closed", "cold")
    cost = {"wall_s": 13.0, "cpu_ms_per_frame": 10.0 / threads, "cores_used": 0.3}
    growth = {"mib_per_h": 60.0, "low": 50.0, "high": 70.0, "limit_mib_per_h": 10.0}
    return {
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
        "facts": {"growth": {"host": growth | {"grown_mib": 5.0, "over_s": 300.0,
                                               "verdict": "exceeded"}},
                  "drift": {"ratio": 1.1, "low": 1.05, "high": 1.15}} if mode == "soak" else {},
        "samples": columns, "warm_up": {}, "others": [[400, "superseded"]] if paced else [],
    }  # fmt: skip


def document(mode: str, *runs: Any) -> dict[str, Any]:
    """The whole of it."""
    return {
        "schema": "sonoedge-bench-2", "mode": mode, "complete": True, "ended": "",
        "bundle": {"id": "net-1-abc", "name": "net", "version": "1", "metrics": {}},
        "settings": {"fps": [30.0], "duration_s": 13.0, "frames": 400, "repeats": 3,
                     "threads": [None], "isolation": "none", "size": None},
        "shown": {"name": "golden", "frames": 4, "sizes": [[640, 480]], "sha256": "0" * 64},
        "machine": MACHINE, "energy_sensor": "RAPL, 1 package",
        "conditions": {"before": MOMENT, "after": MOMENT, "throttled": [],
                       "other_cores": 0.01, "stolen_cores": None},
        "skipped": {"tensorrt-fp16": "run: sonoedge provision"},
        "target": None, "comparison": None, "runs": list(runs) or [make(mode)],
    }  # fmt: skip


@pytest.fixture
def a_document() -> Any:
    """Makes a document of a mode."""
    return document


@pytest.fixture
def a_run() -> Any:
    """Makes a run of a mode."""
    return make
