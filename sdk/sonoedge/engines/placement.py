"""Do an engine's threads have a core each, or does the kernel place them?

Threads that sleep between frames wake on one core, and an engine of two threads is no faster than
of one at a probe's pace. Bound to a core each they are, and slower where something else runs there.
So `sonoedge provision` measures both at the device's pace, and "auto" follows what it found.
"""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

from sonoedge.bundle import Bundle
from sonoedge.device.cores import CannotPin, load_of_others
from sonoedge.device.cpu import usable_threads
from sonoedge.device.record import Placement
from sonoedge.device.store import Found, ProvisionResult
from sonoedge.engines.choose import Candidate
from sonoedge.engines.load import LoadedEngine, load
from sonoedge.engines.options import EngineOptions, PlacementOption


class Placed(NamedTuple):
    """A placement, and what `Analyser.choice` should say of it, or ""."""

    placement: PlacementOption
    note: str


def load_placed(
    bundle: Bundle, candidate: Candidate, options: EngineOptions, provision: ProvisionResult
) -> tuple[LoadedEngine, str]:
    """Load a candidate with its threads placed; with what is to be said of that, or "".

    Raises:
        SonoedgeError: as `load`; "pinned" was asked for, and cannot be.
    """
    placed = choose_placement(options, candidate, provision)

    def loaded(placement: PlacementOption) -> LoadedEngine:
        return load(
            bundle,
            candidate.variant,
            runtime=candidate.runtime,
            options=dataclasses.replace(options, placement=placement),
            provision=provision,
        )

    try:
        return loaded(placed.placement), placed.note
    except CannotPin as error:
        if options.placement == "pinned":
            raise
        return loaded("free"), f"threads free: {error}"


def choose_placement(
    options: EngineOptions, candidate: Candidate, provision: ProvisionResult
) -> Placed:
    """What is asked for; of "auto", what was measured on this machine with as many threads."""
    if options.placement != "auto":
        return Placed(options.placement, "")
    result = provision.result(candidate.variant.id, candidate.runtime)
    measured = None if result is None else result.placement
    if measured is None or not isinstance(provision, Found) or provision.other_machine:
        return Placed("free", "")
    return _by_measurement(measured, options.threads or usable_threads())


def _by_measurement(measured: Placement, threads: int) -> Placed:
    if measured.chosen == "free":
        return Placed("free", f"threads free: {measured}")
    if measured.threads != threads:
        return Placed("free", f"threads free: {measured.threads} were measured and not {threads}")
    load = load_of_others(threads)
    if load is not None:
        return Placed(
            "free",
            f"threads free: other work runs here (load {load:.1f}), which pinned ones wait for",
        )
    return Placed("pinned", f"threads pinned: {measured}")
