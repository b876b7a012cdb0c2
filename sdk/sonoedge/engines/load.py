"""From a variant to a loaded engine, over bytes that were checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sonoedge.bundle import Bundle, Variant
from sonoedge.device.cpu import int8_overflows
from sonoedge.device.fingerprint import FINGERPRINTS, gpu_box
from sonoedge.device.store import (
    Found,
    ProvisionResult,
    Unusable,
    find_provision,
    provision_command,
)
from sonoedge.device.stored_engine import read_engine
from sonoedge.engines.options import DEFAULT_ENGINE, EngineOptions
from sonoedge.errors import EngineFailed, RuntimeUnavailable
from sonoedge.runtime import PINNING, SPINNING, Runtime, runtime_class


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedEngine:
    """An engine, and the SHA-256 of what it was loaded from."""

    engine: Runtime
    sha256: str


def load(
    bundle: Bundle,
    variant: Variant,
    *,
    runtime: str | None = None,
    options: EngineOptions = DEFAULT_ENGINE,
    provision: ProvisionResult | None = None,
) -> LoadedEngine:
    """Load a variant.

    Args:
        runtime: what runs it, where that is not the variant's own: a TensorRT graph has
            engines of TensorRT and of TensorRT-RTX.
        options: how the engine is driven; the choice of variant and runtime has been made, and
            so has that of placement: "auto" is "free" here.
        provision: the bundle's provision result, where it has been read already.

    Raises:
        MissingDependency, RuntimeUnavailable, EngineFailed: as `sonoedge.open`.
        EngineMismatch: the engine that was built here is not for here any more.
    """
    name = runtime or variant.runtime
    if name in FINGERPRINTS:
        data, kernels, sha256 = _stored_engine(bundle, variant, name, provision)
        return LoadedEngine(
            engine=make_runtime(bundle, variant, name, data, kernels, options), sha256=sha256
        )
    model, weights = bundle.read_model(variant)
    engine = make_runtime(bundle, variant, name, model, weights, options)
    return LoadedEngine(engine=engine, sha256=bundle.engine_sha256(variant))


def make_runtime(
    bundle: Bundle,
    variant: Variant,
    runtime: str,
    model: bytes,
    weights: bytes | None = None,
    options: EngineOptions = DEFAULT_ENGINE,
) -> Runtime:
    """An engine over these bytes, with the tensors that the manifest names.

    Raises:
        MissingDependency, RuntimeUnavailable, EngineFailed: as `sonoedge.open`.
    """
    if variant.needs_int8_products and int8_overflows():
        raise RuntimeUnavailable(
            f"{variant.id} was made for processors that multiply in 8 bits (VNNI, AMX); on this "
            "one its sums overflow: use another variant, or export with quantize.reduce_range = "
            '"always"'
        )
    if options.spin and runtime not in SPINNING:
        raise RuntimeUnavailable(
            f"{runtime}'s threads cannot be told to spin; leave spin out, or use one of "
            f"{', '.join(SPINNING)}"
        )
    if options.placement == "pinned" and runtime not in PINNING:
        raise RuntimeUnavailable(
            f"{runtime}'s threads cannot be bound to cores; leave placement out, or use one of "
            f"{', '.join(PINNING)}"
        )
    maker = runtime_class(runtime, test_doubles=bundle.test_doubles)
    extra: dict[str, Any] = {"spin": True} if options.spin else {}
    if options.placement == "pinned":
        extra["pinned"] = True
    if weights is not None:
        extra["weights"] = weights
    engine = maker(model, precision=variant.precision, threads=options.threads, **extra)
    manifest = bundle.manifest
    if engine.inputs != manifest.inputs or set(engine.outputs) != set(manifest.outputs):
        engine.close()
        raise EngineFailed(
            f"{variant.id} has tensors {engine.inputs} -> {engine.outputs}, the manifest names "
            f"{manifest.inputs} -> {manifest.outputs}; export the bundle again"
        )
    return engine


def _stored_engine(
    bundle: Bundle, variant: Variant, runtime: str, provision: ProvisionResult | None
) -> tuple[bytes, bytes | None, str]:
    """The engine that was built on this device, the kernels beside it, and its SHA-256."""
    if provision is None:
        provision = find_provision(bundle)
    remedy = provision_command(bundle.folder, runtime)
    if not isinstance(provision, Found):
        why = f" ({provision.why})" if isinstance(provision, Unusable) else ""
        raise RuntimeUnavailable(
            f"{variant.id} needs an engine that is built on this device{why}; run: {remedy}"
        )
    result = provision.result(variant.id, runtime)
    if result is None or result.engine is None:
        why = "" if result is None or not result.why else f" (the last try: {result.why})"
        raise RuntimeUnavailable(
            f"{variant.id} has no engine for {runtime} on this device{why}; run: {remedy}"
        )
    data, kernels, record = read_engine(provision, result, bundle, gpu_box(runtime))
    return data, kernels, record.digest.sha256
