"""From a variant to a loaded engine, over bytes that were checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sonoedge.bundle import Bundle, Variant
from sonoedge.device.cpu import int8_overflows
from sonoedge.device.fingerprint import FINGERPRINTS, gpu_box
from sonoedge.device.store import Found, command, find, read_engine
from sonoedge.engines.options import DEFAULT_ENGINE, EngineOptions
from sonoedge.errors import EngineFailed, RuntimeUnavailable
from sonoedge.runtime import SPINNING, Runtime, runtime_class


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """An engine, and the SHA-256 of what it was loaded from."""

    engine: Runtime
    sha256: str


def load(
    bundle: Bundle,
    variant: Variant,
    *,
    runtime: str | None = None,
    options: EngineOptions = DEFAULT_ENGINE,
    found: Found | str | None = None,
) -> Loaded:
    """Load a variant.

    Args:
        runtime: what runs it, where that is not the variant's own: a TensorRT graph has
            engines of TensorRT and of TensorRT-RTX.
        options: how the engine is driven; the choice of variant and runtime has been made.
        found: the bundle's provision result, where it has been read already.

    Raises:
        MissingDependency, RuntimeUnavailable, EngineFailed: as `sonoedge.open`.
        EngineMismatch: the engine that was built here is not for here any more.
    """
    name = runtime or variant.runtime
    if name in FINGERPRINTS:
        data, kernels, sha256 = _built(bundle, variant, name, found)
        return Loaded(engine=loaded(bundle, variant, name, data, kernels, options), sha256=sha256)
    model, weights = bundle.read_model(variant)
    engine = loaded(bundle, variant, name, model, weights, options)
    return Loaded(engine=engine, sha256=bundle.engine_sha256(variant))


def loaded(
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
    maker = runtime_class(runtime, test_doubles=bundle.test_doubles)
    more: dict[str, Any] = {"spin": True} if options.spin else {}
    if weights is not None:
        more["weights"] = weights
    engine = maker(model, precision=variant.precision, threads=options.threads, **more)
    wanted = bundle.manifest
    if engine.inputs != wanted.inputs or set(engine.outputs) != set(wanted.outputs):
        engine.close()
        raise EngineFailed(
            f"{variant.id} has tensors {engine.inputs} -> {engine.outputs}, the manifest names "
            f"{wanted.inputs} -> {wanted.outputs}; export the bundle again"
        )
    return engine


def _built(
    bundle: Bundle, variant: Variant, runtime: str, found: Found | str | None
) -> tuple[bytes, bytes | None, str]:
    """The engine that was built on this device, the kernels beside it, and its SHA-256."""
    found = find(bundle) if found is None else found
    mend = command(bundle.folder, runtime)
    if not isinstance(found, Found):
        why = "" if found is None else f" ({found})"
        raise RuntimeUnavailable(
            f"{variant.id} needs an engine that is built on this device{why}; run: {mend}"
        )
    result = found.result(variant.id, runtime)
    if result is None or result.engine is None:
        why = "" if result is None or not result.why else f" (the last try: {result.why})"
        raise RuntimeUnavailable(
            f"{variant.id} has no engine for {runtime} on this device{why}; run: {mend}"
        )
    data, kernels, record = read_engine(found, result, bundle, gpu_box(runtime))
    return data, kernels, record.digest.sha256
