"""provision.json and an engine's sidecar, as they are read and shown."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from fuzz.entry_point import Document, EntryPoint
from fuzz.scratch import scratch_file
from fuzz.seeds import TINY, as_json
from sonoedge.bundle import Digest, read_bundle
from sonoedge.device.describe import describe_provision
from sonoedge.device.fingerprint import GpuBox, cpu_box
from sonoedge.device.record import Check, EngineRecord, Provision, Result, Timing
from sonoedge.device.store import ENGINES, INDEX, Found, find_provision
from sonoedge.device.stored_engine import read_sidecar
from sonoedge.settings import plain

BUNDLE = read_bundle(TINY)
DIGEST = Digest(sha256="0" * 64, bytes=1)
TIMING = Timing(calls=10, p50_ms=1.25, p90_ms=2.0, p99_ms=3.0)
CHECK = Check(
    frames=3, largest={"lesion_map": 1.0}, allowed={"lesion_map": 2.0}, flags_agree=1.0,
    decided=3, decided_agree=1.0, dice=1.0, with_regions=2,
)  # fmt: skip
RESULT = Result(
    variant="onnxruntime-fp32", runtime="tensorrt", precision="fp16", status="passed",
    check=CHECK, timing=TIMING, engine="a.json",
)  # fmt: skip
SIDECAR: dict[str, Any] = plain(
    EngineRecord(
        schema_version=1, file="a.engine", digest=DIGEST, variant=RESULT.variant,
        runtime=RESULT.runtime, precision="fp16", graph="graphs/fp32.onnx", graph_digest=DIGEST,
        bundle_id=BUNDLE.manifest.bundle_id, build={"seconds": 1.0}, check=CHECK, timing=TIMING,
        fingerprint=GpuBox(gpu="a", compute_capability="8.7", driver=None, driver_cuda="12.6",
                           cuda_runtime="12.6", tensorrt="tensorrt 10.3"),
        log="a.log", log_digest=DIGEST, kernels="a.kernels", kernels_digest=DIGEST, notes=("n",),
    )
)  # fmt: skip
PROVISION: dict[str, Any] = plain(
    Provision(
        schema_version=1, bundle_id=BUNDLE.manifest.bundle_id,
        manifest_sha256=BUNDLE.manifest_sha256, created="2026-01-01T00:00:00+00:00",
        box=cpu_box(), conditions={"governor": None}, results=(RESULT,), cpu_wait_share=0.25,
    )
)  # fmt: skip


def attack(data: bytes) -> None:
    """Both files have the same keys' rules: an input is read as the one and as the other."""
    index = scratch_file(f"b.provision/{INDEX}", data)
    scratch_file(f"b.provision/{ENGINES}/a.json", data)
    bundle = replace(BUNDLE, folder=index.parent.with_name("b"))
    result = find_provision(bundle)
    list(describe_provision(result, bundle))
    if isinstance(result, Found):
        for variant in bundle.manifest.variants:
            result.timing(variant.id, variant.runtime)
    read_sidecar(index.parent, RESULT, "sonoedge provision b")


POINT = EntryPoint(
    attack=attack,
    seeds=(json.dumps(PROVISION).encode(), json.dumps(SIDECAR).encode()),
    engines=("trees", "bytes", "coverage"),
    document=Document(trees=(PROVISION, SIDECAR), encode=as_json),
    suffix=".json",
)
