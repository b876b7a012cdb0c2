"""Cut to the widths found, a step at a time, and recover after each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from sonoedge_export.graph.load_network import named
from sonoedge_export.prune.accuracy import accuracy
from sonoedge_export.prune.job import Job
from sonoedge_export.prune.recover.loop import recover
from sonoedge_export.prune.surgery import slimmed
from sonoedge_export.prune.widths import halfway, least_important

History = list[dict[str, Any]]


def shrink(job: Job, final: Mapping[str, int]) -> tuple[nn.Module, History]:
    """The slim, recovered network, and what was done to it."""
    network, history = job.parent, History()
    full: Mapping[str, int] | None = None
    steps = job.settings.steps
    for step in range(1, steps + 1):
        if final:
            groups, scores = job.scored(network)
            full = full or {c.root: c.channels for c in groups}
            kept = halfway(full, final, step, steps, job.settings.multiple)
            network = slimmed(network, job.example, least_important(groups, scores, kept))
            history.append({"step": step, "cut to": dict(kept)})
        if job.settings.recover is not None:
            with job.stages.stage(f"recover, step {step} of {steps}") as progress:
                network, log = _recover(job, network, step, progress)
            history.append({"step": step, "recovery": log})
    return network, history


def _recover(
    job: Job, network: nn.Module, step: int, progress: Any
) -> tuple[nn.Module, list[dict[str, float]]]:
    settings, folder = job.settings.recover, job.out / f"step{step}"
    assert settings is not None
    assert job.train is not None
    steps = job.settings.steps
    epochs = settings.epochs * step // steps - settings.epochs * (step - 1) // steps
    if settings.loop is not None:
        theirs = named(job.recipe, settings.loop, "prune.recover.loop")
        theirs(
            student=network,
            teacher=job.parent,
            recipe=job.recipe,
            settings=settings,
            data=job.train,
            epochs=epochs,
            folder=folder,
            progress=progress,
        )
        network = network.eval()
        return network, [accuracy(job.recipe, network, job.check)]
    return recover(
        student=network,
        teacher=job.parent,
        recipe=job.recipe,
        settings=settings,
        data=job.train,
        epochs=epochs,
        folder=folder,
        check=lambda mean: accuracy(job.recipe, mean, job.check),
        progress=progress,
        say=job.stages.say,
    )
