"""A measurement as JSON and as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sonoedge_bench.machine import machine
from sonoedge_bench.measure import Samples, quantiles


def report(
    bundle_id: str, size: tuple[int, int] | None, samples: Mapping[str, Samples]
) -> dict[str, Any]:
    """What `bench --json` writes: quantiles and raw samples per variant."""
    return {
        "schema": "sonoedge-bench-1",
        "bundle_id": bundle_id,
        "size": None if size is None else list(size),
        "machine": machine(),
        "variants": {name: _variant(s) for name, s in samples.items()},
    }


def table(data: Mapping[str, Any]) -> str:
    """One line per variant."""
    head = f"{'variant':<20}{'engine p50':>11}{'p90':>8}{'p99':>8}{'analyse p50':>13}{'p90':>8}"
    lines = [f"{head}{'p99':>8}{'overhead p50':>14}{'of engine':>11}   (ms)"]
    for name, v in data["variants"].items():
        e, t, o = v["engine_ms"], v["total_ms"], v["overhead_ms"]
        lines.append(
            f"{name:<20}{e['p50']:>11.2f}{e['p90']:>8.2f}{e['p99']:>8.2f}{t['p50']:>13.2f}"
            f"{t['p90']:>8.2f}{t['p99']:>8.2f}{o['p50']:>14.3f}{v['overhead_percent']:>10.1f}%"
        )
    return "\n".join(lines)


def _variant(samples: Samples) -> dict[str, Any]:
    engine, overhead = samples.engine_ms, samples.overhead_ms
    return {
        "frames": len(engine),
        "engine_ms": quantiles(engine),
        "total_ms": quantiles(samples.total_ms),
        "overhead_ms": quantiles(overhead),
        "overhead_percent": round(100 * float(np.median(overhead) / np.median(engine)), 2),
        "stages_ms": {name: quantiles(values) for name, values in samples.stages_ms.items()},
        "samples": {
            "engine_ms": [round(v, 4) for v in engine],
            "total_ms": [round(v, 4) for v in samples.total_ms],
        },
    }
