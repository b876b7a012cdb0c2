"""What `sonoedge doctor BUNDLE` shows of the engines' threads: what was measured, what is taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sonoedge.bundle import Bundle, read_bundle
from sonoedge.bundle.location import as_argument
from sonoedge.device.record import Placement, Result
from sonoedge.device.store import Absent, Found, Unusable, find_provision
from sonoedge.engines.choose import Candidate
from sonoedge.engines.options import DEFAULT_ENGINE, PlacementOption
from sonoedge.engines.placement import choose_placement
from sonoedge.runtime import PINNING


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadPlacement:
    """How the threads of a variant are placed, where nobody says.

    Attributes:
        taken: what opening it takes at this moment.
        why: why it does.
        measured: what provisioning measured; None where it did not.
    """

    variant: str
    runtime: str
    taken: PlacementOption
    why: str
    measured: Placement | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placements:
    """What a bundle's provision result says of threads.

    Attributes:
        state: of the result; see `sonoedge.device.store`.
        why: why there is nothing to tell; empty where there is.
        placements: of variants that passed, of runtimes that bind threads.
    """

    bundle_id: str
    state: Literal["found", "unusable", "absent"]
    why: str
    placements: tuple[ThreadPlacement, ...]


def placements(folder: Path) -> Placements:
    """What lies beside a bundle.

    Raises:
        BundleError, TrustError: it cannot be used.
    """
    bundle = read_bundle(folder)
    provision = find_provision(bundle)
    bundle_id = bundle.manifest.bundle_id
    if isinstance(provision, Absent):
        why = f"not provisioned on this device; run: sonoedge provision {as_argument(folder)}"
        return Placements(bundle_id=bundle_id, state="absent", why=why, placements=())
    if isinstance(provision, Unusable):
        why = f"{provision.why}; it is not used"
        return Placements(bundle_id=bundle_id, state="unusable", why=why, placements=())
    results = provision.provision.results
    told = [r for r in results if r.status == "passed" and r.runtime in PINNING]
    return Placements(
        bundle_id=bundle_id,
        state="found",
        why="" if told else "no engine passed here whose threads can be bound",
        placements=tuple(_placement(bundle, provision, result) for result in told),
    )


def placement_rows(found: Placements) -> Iterator[tuple[str, str]]:
    """Label and text of each line."""
    yield "", ""
    yield "threads of", found.bundle_id
    if found.why:
        yield "", found.why
    for each in found.placements:
        yield "", f"{each.variant} on {each.runtime}, {each.why}"


def _placement(bundle: Bundle, provision: Found, result: Result) -> ThreadPlacement:
    candidate = Candidate(
        variant=bundle.variant(result.variant), runtime=result.runtime, p50_ms=None, measured=""
    )
    placed = choose_placement(DEFAULT_ENGINE, candidate, provision)
    return ThreadPlacement(
        variant=result.variant,
        runtime=result.runtime,
        taken=placed.placement,
        why=placed.note or f"threads free: {_not_measured(provision, result)}",
        measured=result.placement,
    )


def _not_measured(provision: Found, result: Result) -> str:
    if provision.other_machine:
        return f"it was measured on another machine ({provision.other_machine})"
    return result.not_placed or "placements were not measured"
