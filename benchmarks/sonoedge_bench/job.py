"""What a measurement is of, and how it is made: decided once, before anything is timed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sonoedge.bundle import read_bundle
from sonoedge_bench.document.document import Frames, Model
from sonoedge_bench.frame_set import FrameSet, frame_set
from sonoedge_bench.machine.energy import Energy
from sonoedge_bench.modes.names import MODES
from sonoedge_bench.modes.plan import Plan, select_variants
from sonoedge_bench.modes.tape import Recording
from sonoedge_bench.options import Options
from sonoedge_bench.profile.variants import profile_variants


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A measurement that can begin.

    Attributes:
        measure: fills a recording; what it holds is whole whenever it ends.
    """

    model: Model
    frames: Frames
    measure: Callable[[Recording], None]


def bundle_job(options: Options, energy: Energy | None) -> Job:
    """Read the bundle and the frames.

    Raises:
        BundleError: the bundle cannot be read.
        VariantNotFound: it has no variant of those requested.
        SourceError: the frames cannot be read.
    """
    bundle = read_bundle(options.bundle)
    manifest = bundle.manifest
    plan = Plan(
        options=options,
        bundle=bundle,
        variants=select_variants(bundle, options),
        frame_set=frame_set(bundle, options.source, options.size),
        energy=energy,
    )
    return Job(
        model=Model(
            kind="bundle",
            id=manifest.bundle_id,
            name=manifest.name,
            version=manifest.version,
            metrics={v.id: dict(v.metrics) for v in manifest.variants},
        ),
        frames=described(plan.frame_set),
        measure=lambda recording: _measure(plan, recording),
    )


def _measure(plan: Plan, recording: Recording) -> None:
    MODES[plan.options.mode](plan, recording)
    if plan.options.profile:
        profile_variants(plan, recording)


def described(frames: FrameSet) -> Frames:
    """The frames as the document names them."""
    return Frames(
        name=frames.name, count=len(frames.frames), sizes=frames.sizes, sha256=frames.sha256
    )
