"""What a provision result says: provision.json, and one sidecar per engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sonoedge.bundle import Digest
from sonoedge.device.fingerprint import CpuBox, GpuBox

SCHEMA_VERSION: Final = 1
BUSY_SHARE: Final = 0.05  # beyond it, other work decides as much as the engines do
Status = Literal["passed", "failed", "unavailable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Engine calls on golden frames, variants in turns, milliseconds.

    Attributes:
        calls: how many were timed.
        p50_ms, p90_ms, p99_ms: of one call.
    """

    calls: int
    p50_ms: float
    p90_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What an engine answered to the golden frames, here.

    Attributes:
        frames: how many there are.
        largest: largest difference from the variant's golden answers, by tensor; maps in
            levels of 255.
        allowed: the tolerance that holds for it.
        flags_agree: share of frames flagged as at export.
        decided: frames whose suspicion, at export, is far from the threshold.
        decided_agree: share of those flagged as at export; None without one.
        dice: of all cells within a region against those at export, over all frames.
        with_regions: frames in which there was a region at export.
    """

    frames: int
    largest: Mapping[str, float]
    allowed: Mapping[str, float]
    flags_agree: float
    decided: int
    decided_agree: float | None
    dice: float
    with_regions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Engine calls at a device's pace, its threads left to the kernel and bound to a core each.

    Attributes:
        fps: frames a second; between two calls the engine sleeps.
        threads: of the engine.
        free, pinned: of single calls, in turns.
        chosen: which of them is used where nobody says: "pinned" where it was plainly faster.
        cpu_wait_share: as in `Provision`, of this measurement.
    """

    fps: float
    threads: int
    free: Timing
    pinned: Timing
    chosen: Literal["free", "pinned"]
    cpu_wait_share: float | None = None

    def __str__(self) -> str:
        return (
            f"{self.pinned.p50_ms:.1f} ms pinned, {self.free.p50_ms:.1f} ms free at "
            f"{self.fps:g} frames a second here"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPlaced:
    """Placements were not measured.

    Attributes:
        why: one sentence.
    """

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One variant on one runtime.

    Attributes:
        variant: its id.
        runtime: what ran it; for a TensorRT graph, TensorRT or TensorRT-RTX.
        status: "passed", "failed" (it ran and a check refused it) or "unavailable".
        why: what was wrong; empty where nothing was.
        check, timing: None where it did not come so far.
        engine: the sidecar's file in the store, for an engine that was built here.
        placement: how its threads are placed best; None where that was not measured.
        not_placed: why it was not, for a runtime whose threads can be bound and a run that was
            to measure it; empty otherwise.
        off_fast_path: names of operators that the runtime computes without its fast kernels, one
            for each, as far as it tells.
    """

    variant: str
    runtime: str
    precision: str
    status: Status
    why: str = ""
    check: Check | None = None
    timing: Timing | None = None
    engine: str | None = None
    placement: Placement | None = None
    not_placed: str = ""
    off_fast_path: tuple[str, ...] = ()

    def notes(self) -> Iterator[str]:
        """What is to be said of its threads and of its operators, a line each."""
        if self.placement is not None:
            yield f"threads {self.placement.chosen}: {self.placement}"
        if self.not_placed:
            yield f"threads free: {self.not_placed}"
        if self.off_fast_path:
            yield slow_operators(self.runtime, self.off_fast_path)


def slow_operators(runtime: str, names: Sequence[str]) -> str:
    """One line on operators that a runtime computes without its fast kernels.

    Args:
        names: one for each of them.
    """
    each = (f"{count} {name}" for name, count in sorted(Counter(names).items()))
    return f"without {runtime}'s fast kernels here: {', '.join(each)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineRecord:
    """An engine's sidecar.

    Attributes:
        file, digest: the engine, in the same folder.
        kernels, kernels_digest: what TensorRT-RTX compiled for this GPU at the first calls,
            in the same folder; None where nothing was, or is kept by this TensorRT.
        log, log_digest: everything that the builder said, in the same folder.
        variant, runtime, precision: what it is.
        graph, graph_digest: the graph it was built from, in the bundle.
        bundle_id: that bundle.
        fingerprint: the only GPU and libraries that it is for.
        build: what the builder reported: seconds, layers by precision, warnings.
        check, timing: as in `Result`.
        notes: such as why no CUDA graph was recorded.
    """

    schema_version: int
    file: str
    digest: Digest
    variant: str
    runtime: str
    precision: str
    graph: str
    graph_digest: Digest
    bundle_id: str
    fingerprint: GpuBox
    build: Mapping[str, Any]
    check: Check
    timing: Timing
    log: str | None = None
    log_digest: Digest | None = None
    kernels: str | None = None
    kernels_digest: Digest | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """provision.json.

    Attributes:
        bundle_id, manifest_sha256: the bundle that was provisioned.
        created: ISO 8601, by the device's clock.
        box: the machine.
        conditions: power mode, governor and the like: recorded, not compared.
        results: one per variant and runtime.
        cpu_wait_share: the largest share of the timing that one of our threads could have run
            and waited for a processor, by the kernel's account; None where it keeps none.
    """

    schema_version: int
    bundle_id: str
    manifest_sha256: str
    created: str
    box: CpuBox
    conditions: Mapping[str, str | None]
    results: tuple[Result, ...]
    cpu_wait_share: float | None = None

    @property
    def busy(self) -> bool:
        """Whether something else was using the processors while engines were timed."""
        return self.cpu_wait_share is not None and self.cpu_wait_share > BUSY_SHARE
