"""Where the threads of each provisioned engine go, of runtimes that can say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from sonoedge.bundle import Bundle, Variant
from sonoedge.device.cpu import usable_threads
from sonoedge.device.record import NotPlaced, Placement, Result
from sonoedge.engines.load import load
from sonoedge.engines.options import EngineOptions, PlacementOption
from sonoedge.errors import SonoedgeError
from sonoedge.provision.elapsed import Say
from sonoedge.provision.placing import measure_placement
from sonoedge.provision.prepare import TaskState
from sonoedge.runtime import PINNING, Runtime


def bind_first(bundle: Bundle, work: Sequence[TaskState]) -> None:
    """Let OpenVINO bind its threads before it has any that are free.

    Its engines share the threads of a process, and those that began free are not bound for a
    later engine; those that began bound are let go and bound again.
    """
    for state in work:
        if state.task.runtime == "openvino":
            with suppress(SonoedgeError):  # what is wrong with it is told when it is prepared
                options = EngineOptions(placement="pinned")
                load(bundle, state.task.variant, options=options).engine.close()
            return


def placements(
    bundle: Bundle,
    passed: Sequence[TaskState],
    tensors: Sequence[npt.NDArray[np.uint8]],
    fps: float,
    say: Say,
) -> Iterator[tuple[tuple[str, str], Placement | NotPlaced]]:
    """How the threads of each engine are placed best, by `ProvisionTask.key`; engines of runtimes
    that can place none are left out.

    Args:
        tensors: inputs, uint8 [1, C, H, W], taken in turns.
        fps: frames a second that the device will show.
    """
    threads = usable_threads()
    for state in passed:
        variant, runtime = state.task.variant, state.task.runtime
        if runtime not in PINNING:
            continue

        def make(name: PlacementOption, variant: Variant = variant) -> Runtime:
            return load(bundle, variant, options=EngineOptions(placement=name)).engine

        found: Placement | NotPlaced = NotPlaced(why="one thread needs no core of its own")
        if threads >= 2:
            found = measure_placement(make, tensors, threads=threads, fps=fps)
        if isinstance(found, NotPlaced):
            say(f"{variant.id} on {runtime}: threads free ({found.why})")
        else:
            say(f"{variant.id} on {runtime}: threads {found.chosen} ({found})")
        yield state.task.key, found


def placed(result: Result, found: Placement | NotPlaced | None) -> Result:
    """The result with what was found of its threads; None where that was not asked."""
    if isinstance(found, NotPlaced):
        return replace(result, not_placed=found.why)
    return replace(result, placement=found)
