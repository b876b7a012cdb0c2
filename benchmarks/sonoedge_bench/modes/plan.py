"""What a mode is given: bundle, frames, engines to measure, clock."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import cv2

import sonoedge
from sonoedge import Analyser, EngineOptions, LiveSession
from sonoedge.bundle import Bundle, Variant
from sonoedge.device.cpu import usable_threads
from sonoedge.device.fingerprint import FINGERPRINTS
from sonoedge.errors import (
    EngineMismatch,
    MissingDependency,
    RuntimeUnavailable,
    VariantNotFound,
)
from sonoedge.terminal.progress import Progress
from sonoedge_bench.document.run import Subject
from sonoedge_bench.frame_set import FrameSet
from sonoedge_bench.machine.energy import Energy
from sonoedge_bench.modes.tape import Recording
from sonoedge_bench.options import Options

# What is no fault of the bundle: the engine is not installed, not built here, or not for here.
ABSENT = (MissingDependency, RuntimeUnavailable, EngineMismatch)
PATIENT_MS = 60_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A measurement of a bundle, as each mode is given it.

    Attributes:
        variants: those requested, in the manifest's order.
        energy: source of joules, or None.
        clock_ns, sleep_s: the monotonic clock, and how to wait.
    """

    options: Options
    bundle: Bundle
    frame_set: FrameSet
    variants: tuple[Variant, ...]
    energy: Energy | None = None
    clock_ns: Callable[[], int] = time.monotonic_ns
    sleep_s: Callable[[float], None] = time.sleep

    def progress(self, total: int) -> Progress:
        """A line on the terminal."""
        return Progress(total)

    def analyser(self, variant: Variant, threads: int | None) -> Analyser:
        """The variant in this process.

        Raises:
            SonoedgeError: as `sonoedge.open`.
        """
        cv2.setNumThreads(1)  # as `sonoedge run` and a session's worker do
        return sonoedge.open(
            self.bundle.folder,
            self.engine(variant, threads),
        )

    def session(
        self,
        variant: Variant,
        threads: int | None,
        callback: Callable[[sonoedge.Analysis], None],
        *,
        max_age_ms: float,
        quiet: bool = False,
    ) -> LiveSession:
        """The variant in a live session, as `--isolation` says.

        Args:
            quiet: no golden frames are asked in between: for sessions that take turns.

        Raises:
            SonoedgeError: as `sonoedge.live`.
        """
        return sonoedge.live(
            self.bundle.folder,
            callback,
            max_age_ms,
            "thread" if self.options.isolation == "thread" else "process",
            engine=self.engine(variant, threads),
            deadline_ms=max(500.0, max_age_ms),
            golden_every_s=1e6 if quiet else 300.0,
            golden_idle_s=1e6 if quiet else 10.0,
        )

    def subject(
        self, variant: Variant, origin: sonoedge.Origin, threads: int | None, fps: float | None
    ) -> Subject:
        """What is written about an engine that was opened."""
        return Subject(
            variant=variant.id,
            runtime=origin.runtime,
            precision=origin.precision,
            engine_sha256=origin.engine_sha256,
            threads=threads or usable_threads(),
            isolation=self.options.isolation,
            spin=self.options.spin,
            keep_warm=self.options.keep_warm,
            placement=origin.placement,
            fps=fps,
            deadline_ms=None if fps is None else self.deadline_ms(fps),
        )

    def deadline_ms(self, fps: float) -> float:
        """As given, or one frame period: then the next frame arrives."""
        return self.options.deadline_ms or 1000 / fps

    def engine(self, variant: Variant, threads: int | None) -> EngineOptions:
        """How the variant's engine is opened."""
        runtime = self.options.runtime
        # One graph serves both kinds of TensorRT: which of them, the runtime tells.
        if runtime is None or variant.runtime not in FINGERPRINTS:
            runtime = "auto"
        return EngineOptions(
            runtime=runtime,
            variant=variant.id,
            threads=threads,
            spin=self.options.spin,
            keep_warm=self.options.keep_warm,
            placement=self.options.placement,
        )


def select_variants(bundle: Bundle, options: Options) -> tuple[Variant, ...]:
    """The variants requested.

    Raises:
        VariantNotFound: there is none; the message names those that exist.
    """
    for requested in options.variants:
        bundle.variant(requested)
    fitting = tuple(
        v
        for v in bundle.manifest.variants
        if (not options.variants or v.id in options.variants)
        and (options.precision is None or v.precision == options.precision)
        and (
            options.runtime in (None, v.runtime)
            or (options.runtime in FINGERPRINTS and v.runtime in FINGERPRINTS)
        )
    )
    if not fitting:
        available = ", ".join(v.id for v in bundle.manifest.variants)
        criteria = [options.runtime, options.precision, *options.variants]
        requested = ", ".join(w for w in criteria if w)
        raise VariantNotFound(f"the bundle has no variant that is {requested}; it has {available}")
    return fitting


@contextmanager
def unless_absent(recording: Recording, variant: Variant) -> Iterator[None]:
    """Within it a variant that cannot run here is noted, told, and passed over."""
    try:
        yield
    except ABSENT as error:
        if variant.id not in recording.skipped:
            print(f"{variant.id}: left out: {error}", file=sys.stderr)
        recording.skipped[variant.id] = error
