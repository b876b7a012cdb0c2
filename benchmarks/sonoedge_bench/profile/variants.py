"""Profiles of a bundle's variants, each in an engine of its own after the measurement."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from sonoedge.bundle import Variant
from sonoedge.errors import RuntimeUnavailable
from sonoedge.processing.preprocess import Preprocess
from sonoedge.runtime import Tensors
from sonoedge_bench.document.profile import Profile
from sonoedge_bench.modes.plan import Plan
from sonoedge_bench.modes.tape import Recording
from sonoedge_bench.profile.engines import profiled_class
from sonoedge_bench.profile.modules import module_names
from sonoedge_bench.profile.profile import profile


def profile_variants(plan: Plan, recording: Recording) -> None:
    """Profile the engine of each tape; one whose runtime cannot is passed over with a line.

    Raises:
        RuntimeUnavailable: not one of them can be profiled here.
        EngineFailed: a call failed.
    """
    scale = Preprocess(plan.bundle.manifest.preprocess)
    name = plan.bundle.manifest.inputs[0].name
    inputs = [{name: scale.frame(f)[0].copy()} for f in plan.frame_set.frames]
    progress = plan.progress(len(recording.tapes))
    errors = []
    for at, tape in enumerate(recording.tapes):
        subject = tape.subject
        progress.show(at, f"profiling {subject.variant}")
        variant = plan.bundle.variant(subject.variant)
        try:
            tape.profile = _profile(plan, variant, subject.runtime, subject.threads, inputs)
        except RuntimeUnavailable as error:
            errors.append(error)
            print(f"{subject.variant}: not profiled: {error}", file=sys.stderr)
    progress.clear()
    if errors and len(errors) == len(recording.tapes):
        raise errors[0]


def _profile(
    plan: Plan, variant: Variant, runtime: str, threads: int, inputs: Sequence[Tensors]
) -> Profile:
    make = profiled_class(runtime)
    model = plan.bundle.read(variant.model)
    weights = None if variant.weights is None else plan.bundle.read(variant.weights)
    engine = make(model, precision=variant.precision, threads=threads, weights=weights)
    try:
        modules = _modules(plan, variant)
        return profile(engine, inputs, modules=modules, clock_ns=plan.clock_ns)
    finally:
        engine.close()


def _modules(plan: Plan, variant: Variant) -> Mapping[str, str]:
    """From the float graph of the variant's network, whose names every engine's graph keeps."""
    path = "graphs/pruned-fp32.onnx" if variant.id.startswith("pruned-") else "graphs/fp32.onnx"
    return module_names(plan.bundle.read(path)) if path in plan.bundle.manifest.files else {}
