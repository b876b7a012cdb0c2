"""What provisioning a bundle here would do, and what stands in its way."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sonoedge.bundle import Bundle, Variant
from sonoedge.device import jetson
from sonoedge.device.fingerprint import FINGERPRINTS, GpuBox, gpu_box
from sonoedge.device.gpu import gpu
from sonoedge.device.store import store_folder
from sonoedge.errors import (
    MissingDependency,
    OutputError,
    RuntimeUnavailable,
    SonoedgeError,
    VariantNotFound,
)
from sonoedge.provision.build import BUILDER
from sonoedge.provision.tensorrt_versions import installed, problems
from sonoedge.runtime import resolve, runtime_class

# An engine may be this many times its graph's size (TensorRT keeps code beside weights).
ROOM = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionTask:
    """A variant to be provisioned on a runtime."""

    variant: Variant
    runtime: str

    @property
    def key(self) -> tuple[str, str]:
        """Of the results of a run: the variant's id, and the runtime."""
        return self.variant.id, self.runtime

    @property
    def builds(self) -> bool:
        """Whether its engine has to be built here."""
        return self.runtime in FINGERPRINTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of a dry run.

    Attributes:
        state: "ready", "note", or "blocked".
        concerns: everything, one runtime, or one variant.
        error: what blocks it.
    """

    title: str
    state: Literal["ready", "note", "blocked"]
    concerns: Literal["everything", "runtime", "variant"] = "everything"
    why: str = ""
    error: SonoedgeError | None = None


def provision_tasks(bundle: Bundle, runtime: str) -> list[ProvisionTask]:
    """What there is to do.

    Args:
        runtime: a runtime's name, or "all": every variant on its own runtime, and graphs
            for TensorRT on TensorRT-RTX too where this machine has it and a GPU for it.

    Raises:
        VariantNotFound: no variant is for this runtime.
    """
    result = []
    rtx = runtime == "all" and _serves("tensorrt-rtx")
    for variant in bundle.manifest.variants:
        if runtime in ("all", variant.runtime):
            result.append(ProvisionTask(variant=variant, runtime=variant.runtime))
            if rtx and variant.runtime == "tensorrt":
                result.append(ProvisionTask(variant=variant, runtime="tensorrt-rtx"))
        elif runtime in FINGERPRINTS and variant.runtime in FINGERPRINTS:
            result.append(ProvisionTask(variant=variant, runtime=runtime))  # one graph serves both
    if not result:
        names = ", ".join(v.id for v in bundle.manifest.variants)
        hint = "; export it with target tensorrt" if runtime in FINGERPRINTS else ""
        raise VariantNotFound(f"the bundle has no variant for {runtime}; it has {names}{hint}")
    return result


def _serves(runtime: str) -> bool:
    """Whether this kind of TensorRT is installed and there is a GPU that it is for."""
    number = installed(runtime)
    if number is None:
        return False
    try:
        capability = gpu().compute_capability
    except RuntimeUnavailable:
        return False
    issues = problems(runtime, number, compute_capability=capability, l4t=jetson.l4t())
    return not any(problem.stops for problem in issues)


def usable_gpu(runtime: str) -> tuple[GpuBox, list[str]]:
    """This machine's GPU for a kind of TensorRT, and what is to be said of the two.

    Raises:
        RuntimeUnavailable, MissingDependency: it cannot be used, or is known not to do.
    """
    box = gpu_box(runtime)
    issues = problems(
        runtime,
        box.tensorrt.rpartition(" ")[2],
        compute_capability=box.compute_capability,
        l4t=jetson.l4t(),
    )
    for problem in issues:
        if problem.stops:
            raise RuntimeUnavailable(problem.text)
    return box, [problem.text for problem in issues]


def dry_run(bundle: Bundle, tasks: Sequence[ProvisionTask]) -> list[Step]:
    """Check everything that can be checked without doing it."""
    files = len(bundle.manifest.files)
    steps = [
        Step(title=f"{bundle.manifest.bundle_id}: {files} files, every SHA-256", state="ready")
    ]
    steps.append(place(bundle, tasks))
    for runtime in dict.fromkeys(task.runtime for task in tasks if task.builds):
        steps += _gpu(runtime)
    blocked = {step.title: step.error for step in steps if step.concerns == "runtime"}
    return steps + [_job(bundle, task, blocked.get(task.runtime)) for task in tasks]


def first_blocker(steps: Sequence[Step]) -> SonoedgeError | None:
    """What makes it pointless to go on; None where at least one variant can be done."""
    errors = [step.error for step in steps if step.error is not None]
    for step in steps:
        if step.concerns == "everything" and step.error is not None:
            return step.error
    runnable = any(step.concerns == "variant" and step.state == "ready" for step in steps)
    return None if runnable or not errors else errors[0]


def _job(bundle: Bundle, task: ProvisionTask, error: SonoedgeError | None) -> Step:
    variant, runtime = task.variant, task.runtime
    size = bundle.manifest.files[variant.model].bytes / 1e6
    title = f"{variant.id}: golden frames on {runtime}, timing"
    why = ""
    if task.builds:
        title = f"{variant.id}: build {size:.1f} MB of graph for {runtime}, golden frames, timing"
        why = f"see {runtime}"
    else:
        try:
            runtime_class(runtime)
        except (MissingDependency, RuntimeUnavailable) as missing:
            error, why = missing, str(missing)
    if error is None:
        return Step(title=title, state="ready", concerns="variant")
    return Step(title=title, state="blocked", concerns="variant", why=why, error=error)


def _gpu(runtime: str) -> list[Step]:
    try:
        resolve(BUILDER)
        box, notes = usable_gpu(runtime)
    except (MissingDependency, RuntimeUnavailable) as error:
        return [
            Step(title=runtime, state="blocked", concerns="runtime", why=str(error), error=error)
        ]
    title = (
        f"{runtime}: {box.gpu}, compute capability {box.compute_capability}, {box.tensorrt}, "
        f"CUDA {box.cuda_runtime}, driver {box.driver or 'of unknown version'}"
    )
    lines = [Step(title=title, state="ready", concerns="runtime")]
    return lines + [Step(title=n, state="note", concerns="runtime") for n in notes]


def place(bundle: Bundle, tasks: Sequence[ProvisionTask]) -> Step:
    """Whether the result can be written beside the bundle."""
    folder = store_folder(bundle.folder)
    existing = folder if folder.is_dir() else folder.parent
    files = bundle.manifest.files
    needed = ROOM * sum(files[task.variant.model].bytes for task in tasks if task.builds)
    title = f"write beside the bundle, into {folder.name}"
    if not os.access(existing, os.W_OK):
        why = "it may not be written; give the bundle a place that may be"
        return Step(title=title, state="blocked", why=why, error=OutputError(why))
    free = shutil.disk_usage(existing).free
    if free < needed:
        why = f"{free / 1e6:.0f} MB are free, {needed / 1e6:.0f} MB may be needed"
        return Step(title=title, state="blocked", why=why, error=OutputError(why))
    return Step(title=title, state="ready")
