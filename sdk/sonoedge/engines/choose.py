"""Which variant runs: the fastest here where that was measured, else the fastest at export."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sonoedge.bundle import Bundle, Variant
from sonoedge.device.fingerprint import FINGERPRINTS
from sonoedge.device.gpu import present
from sonoedge.device.record import Result
from sonoedge.device.store import Found, command, find
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
        found: the bundle's provision result, as `find` gives it.
    """

    order: tuple[Candidate, ...]
    notes: tuple[str, ...]
    found: Found | str | None


def candidates(bundle: Bundle, runtime: str, variant: str | None = None) -> Candidates:
    """The variants that fit, in the order in which they are to be tried.

    Args:
        runtime: "auto" or a runtime's name.
        variant: only this one.

    Raises:
        VariantNotFound: none fits.
    """
    asked = None if variant is None else bundle.variant(variant)
    found = find(bundle)
    notes = [f"{found}; it is not used"] if isinstance(found, str) else []
    if isinstance(found, Found) and found.box_differs:
        notes.append(
            f"the provision result's times are not used: {found.box_differs}; "
            f"run: sonoedge provision {bundle.folder.name}"
        )
    order = []
    for each in bundle.manifest.variants if asked is None else (asked,):
        for name in _runtimes(each, runtime, found):
            result = found.result(each.id, name) if isinstance(found, Found) else None
            if result is not None and result.status == "failed" and asked is None:
                notes.append(f"{each.id} on {name} is not used: it failed here ({result.why})")
                continue
            order.append(_candidate(each, name, result, found))
    if not order:
        if asked is not None:
            raise VariantNotFound(f"variant {variant} runs on {asked.runtime}, not on {runtime}")
        have = ", ".join(v.id for v in bundle.manifest.variants)
        tail = f"; {'; '.join(notes)}" if notes else ""
        raise VariantNotFound(f"the bundle has no variant for {runtime}; it has {have}{tail}")
    if runtime == "auto" and asked is None and present():
        notes += _unbuilt(bundle, order, found)
    order.sort(key=_rank)
    return Candidates(order=tuple(order), notes=tuple(notes), found=found)


def _runtimes(variant: Variant, runtime: str, found: Found | str | None) -> list[str]:
    """What can run a variant, of what was asked for."""
    if variant.runtime not in FINGERPRINTS:
        return [variant.runtime] if runtime in ("auto", variant.runtime) else []
    if runtime != "auto":
        return [runtime] if runtime in FINGERPRINTS else []
    # One graph serves both kinds of TensorRT; what was built here says which is meant.
    built = [
        name
        for name in FINGERPRINTS
        if isinstance(found, Found) and found.result(variant.id, name) is not None
    ]
    return built or [variant.runtime]


def _unbuilt(bundle: Bundle, order: list[Candidate], found: Found | str | None) -> list[str]:
    """Graphs that could have an engine on this machine's GPU and have none."""
    notes = []
    for each in order:
        result = found.result(each.variant.id, each.runtime) if isinstance(found, Found) else None
        if each.runtime in FINGERPRINTS and (result is None or result.engine is None):
            run = command(bundle.folder, each.runtime)
            notes.append(f"{each.variant.id} has no engine on this device yet; run: {run}")
    return notes


def _candidate(
    variant: Variant, runtime: str, result: Result | None, found: Found | str | None
) -> Candidate:
    # An engine that was built here is bound to its GPU by a check of its own: its times
    # hold even where, say, another NumPy has made those of the CPU variants void.
    holds = isinstance(found, Found) and (not found.box_differs or runtime in FINGERPRINTS)
    if result is not None and result.timing is not None and holds:
        return Candidate(
            variant=variant,
            runtime=runtime,
            p50_ms=result.timing.p50_ms,
            measured="on this machine",
        )
    return Candidate(
        variant=variant, runtime=runtime, p50_ms=variant.latency_ms_p50, measured="at export"
    )


def _rank(candidate: Candidate) -> tuple[bool, float]:
    """Measured here goes before measured elsewhere."""
    ms = math.inf if candidate.p50_ms is None else candidate.p50_ms
    return candidate.measured != "on this machine", ms
