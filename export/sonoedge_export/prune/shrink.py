"""Cut to the chosen widths, a step at a time, and recover after each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from sonoedge_export.prune.job import Job
from sonoedge_export.prune.slim import digest
from sonoedge_export.prune.surgery import slimmed
from sonoedge_export.prune.widths import intermediate_widths, least_important

History = list[dict[str, Any]]


def shrink(job: Job, final: Mapping[str, int]) -> tuple[nn.Module, History]:
    """The slim, recovered network, and what was done to it."""
    network, history = job.parent, History()
    if job.start is not None:
        network = job.start
        history.append({"start": digest(network)})
    full: Mapping[str, int] | None = None
    steps = job.settings.steps
    for step in range(1, steps + 1):
        if final:
            groups, scores = job.scored(network)
            full = full or {c.root: c.channels for c in groups}
            kept = intermediate_widths(full, final, step, steps, job.settings.multiple)
            gone = least_important(groups, scores, kept)
            network = slimmed(network, job.example, gone)
            if gone:
                job.restate(network)
            history.append({"step": step, "cut to": dict(kept)})
        if job.recovery is not None:
            total = job.recovery.settings.epochs
            with job.stages.stage(f"recover, step {step} of {steps}") as progress:
                network, log = job.recovery.run(
                    network,
                    epochs=total * step // steps - total * (step - 1) // steps,
                    folder=job.out / f"step{step}",
                    progress=progress,
                    say=job.stages.say,
                )
            history.append({"step": step, "recovery": log})
    return network, history
