"""A recording as a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sonoedge_bench.document import SCHEMA
from sonoedge_bench.document.runs import run_document
from sonoedge_bench.machine.conditions import throttled
from sonoedge_bench.modes.plan import Plan
from sonoedge_bench.modes.tape import Recording


def document(
    plan: Plan,
    recording: Recording,
    *,
    machine: Mapping[str, Any],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    meanwhile: Mapping[str, float | None],
) -> dict[str, Any]:
    """What `--json` writes; target and comparison are added by whoever makes them."""
    options, manifest = plan.options, plan.bundle.manifest
    seen = [name for t in recording.tapes if t.monitor is not None for name in t.monitor.slowed_by]
    return {
        "schema": SCHEMA,
        "mode": options.mode,
        "complete": not recording.ended,
        "ended": recording.ended,
        "bundle": {
            "id": manifest.bundle_id,
            "name": manifest.name,
            "version": manifest.version,
            "metrics": {v.id: dict(v.metrics) for v in manifest.variants},
        },
        "settings": {
            "fps": list(options.fps),
            "duration_s": options.duration_s or None,
            "frames": options.frames,
            "repeats": options.repeats if options.mode == "cold" else None,
            "threads": list(options.threads),
            "isolation": options.isolation,
            "size": None if options.size is None else list(options.size),
        },
        "shown": {
            "name": plan.frame_set.name,
            "frames": len(plan.frame_set.frames),
            "sizes": plan.frame_set.sizes,
            "sha256": plan.frame_set.sha256,
        },
        "machine": dict(machine),
        "energy_sensor": None if plan.energy is None else plan.energy.name,
        "conditions": {
            "before": dict(before),
            "after": dict(after),
            "throttled": throttled(dict(before), dict(after), seen),
            **meanwhile,
        },
        "skipped": {name: str(error) for name, error in recording.skipped.items()},
        "target": None,
        "comparison": None,
        "runs": [run_document(tape) for tape in recording.tapes],
    }
