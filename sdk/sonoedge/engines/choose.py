"""Which variant runs: the fastest here where that was measured, else the fastest at export."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sonoedge.bundle import Bundle, Variant
from sonoedge.bundle.location import as_argument
from sonoedge.device.fingerprint import FINGERPRINTS
from sonoedge.device.gpu import present
from sonoedge.device.store import (
    Found,
    ProvisionResult,
    Unusable,
    busy_note,
    find_provision,
    provision_command,
)
from sonoedge.errors import VariantNotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A variant on a runtime.

    Attributes:
        p50_ms: of one engine call; None where nobody measured it.
        measured: where: "on this machine" or "at export".
    """

    variant: Variant
    runtime: str
    p50_ms: float | None
    measured: str

    @property
    def speed(self) -> str:
        """How fast, in words."""
        if self.p50_ms is None:
            return "not yet measured"
        return f"{self.p50_ms:.1f} ms {self.measured}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """What may be tried, the fastest first.

    Attributes:
        notes: what the user should know of the choice; empty mostly.
        provision: the bundle's provision result.
    """

    order: tuple[Candidate, ...]
    notes: tuple[str, ...]
    provision: ProvisionResult


def candidates(bundle: Bundle, runtime: str, variant: str | None = None) -> Candidates:
    """The variants that fit, in the order in which they are to be tried.

    Args:
        runtime: "auto" or a runtime's name.
        variant: only this one.

    Raises:
        VariantNotFound: none fits.
    """
    only = None if variant is None else bundle.variant(variant)
    provision = find_provision(bundle)
    notes = [f"{provision.why}; it is not used"] if isinstance(provision, Unusable) else []
    if isinstance(provision, Found) and provision.other_machine:
        notes.append(
            f"the provision result's times are not used: {provision.other_machine}; "
            f"run: sonoedge provision {as_argument(bundle.folder)}"
        )
    if isinstance(provision, Found) and not provision.other_machine and provision.provision.busy:
        notes.append(busy_note(provision.provision, bundle))
    order = []
    for fitting in bundle.manifest.variants if only is None else (only,):
        for name in _runtimes(fitting, runtime, provision):
            result = provision.result(fitting.id, name)
            if result is not None and result.status == "failed" and only is None:
                notes.append(f"{fitting.id} on {name} is not used: it failed here ({result.why})")
                continue
            order.append(_candidate(fitting, name, provision))
    if not order:
        if only is not None:
            raise VariantNotFound(f"variant {variant} runs on {only.runtime}, not on {runtime}")
        names = ", ".join(v.id for v in bundle.manifest.variants)
        tail = f"; {'; '.join(notes)}" if notes else ""
        raise VariantNotFound(f"the bundle has no variant for {runtime}; it has {names}{tail}")
    if runtime == "auto" and only is None and present():
        notes += _unbuilt(bundle, order, provision)
    order.sort(key=_rank)
    return Candidates(order=tuple(order), notes=tuple(notes), provision=provision)


def _runtimes(variant: Variant, runtime: str, provision: ProvisionResult) -> list[str]:
    """What can run a variant, of what was asked for."""
    if variant.runtime not in FINGERPRINTS:
        return [variant.runtime] if runtime in ("auto", variant.runtime) else []
    if runtime != "auto":
        return [runtime] if runtime in FINGERPRINTS else []
    # One graph serves both kinds of TensorRT; what was built here says which is meant.
    with_engines = [n for n in FINGERPRINTS if provision.result(variant.id, n) is not None]
    return with_engines or [variant.runtime]


def _unbuilt(bundle: Bundle, order: list[Candidate], provision: ProvisionResult) -> list[str]:
    """Graphs that could have an engine on this machine's GPU and have none."""
    notes = []
    for candidate in order:
        result = provision.result(candidate.variant.id, candidate.runtime)
        if candidate.runtime in FINGERPRINTS and (result is None or result.engine is None):
            run = provision_command(bundle.folder, candidate.runtime)
            notes.append(f"{candidate.variant.id} has no engine on this device yet; run: {run}")
    return notes


def _candidate(variant: Variant, runtime: str, provision: ProvisionResult) -> Candidate:
    timing = provision.timing(variant.id, runtime)
    return Candidate(
        variant=variant,
        runtime=runtime,
        p50_ms=variant.latency_ms_p50 if timing is None else timing.p50_ms,
        measured="at export" if timing is None else "on this machine",
    )


def _rank(candidate: Candidate) -> tuple[bool, float]:
    """Measured here goes before measured elsewhere."""
    ms = math.inf if candidate.p50_ms is None else candidate.p50_ms
    return candidate.measured != "on this machine", ms
