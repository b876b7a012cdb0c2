"""scope.json, what a device was taught beside a bundle."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import replace
from typing import Any

from fuzz.entry_point import Document, EntryPoint
from fuzz.scratch import scratch_file
from fuzz.seeds import as_json
from scope_samples import TEXTURED
from sonoedge.bundle import read_bundle
from sonoedge.scope.file import NAME, read_scopes, scope_bytes
from sonoedge.scope.taught import TaughtScope
from sonoedge.trust.policy import TrustPolicy

BUNDLE = read_bundle(TEXTURED, trust=TrustPolicy())
SCOPE = TaughtScope(
    name="bone", prototype=(0.9, 0.1, 0.1, 0.1), in_scope_mean=(0.1, 0.5, 0.5, 0.5),
    threshold=0.25, frames=10, taught_stopped=10, in_scope_frames=40, false_stops=0,
    variant="onnxruntime-fp32", created="2026-01-01T00:00:00+00:00",
)  # fmt: skip


def attack(data: bytes) -> None:
    file = scratch_file(f"b.provision/{NAME}", data)
    read_scopes(replace(BUNDLE, folder=file.parent.with_name("b")))


def encode(tree: Any) -> bytes:
    """The document, with the digest over its content made right."""
    if isinstance(tree, dict) and "content" in tree:
        with contextlib.suppress(ValueError):  # an integer that Python refuses to write
            covered = json.dumps(tree["content"], sort_keys=True, separators=(",", ":"))
            tree = {**tree, "sha256": hashlib.sha256(covered.encode()).hexdigest()}
    return as_json(tree)


TREE = json.loads(scope_bytes(BUNDLE, (SCOPE,)))
POINT = EntryPoint(
    attack=attack,
    seeds=(json.dumps(TREE).encode(),),
    engines=("trees", "bytes", "coverage"),
    document=Document(trees=(TREE,), encode=encode),
    suffix=".json",
)
