"""The committed vectors: what every implementation must answer, on every machine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sonoedge.bundle.golden_file import read_outputs, write_outputs
from sonoedge.runtime import Tensors, TensorSpec

DATA = Path(__file__).resolve().parents[1] / "data"
BUNDLE = DATA / "tiny"
VECTORS = DATA / "conformance/vectors.json"
MAPS = DATA / "conformance/maps.npz"


def write(answered: Sequence[tuple[dict[str, Any], Tensors | None]]) -> None:
    """Keep the answers, and the engine's outputs that they were made from."""
    VECTORS.parent.mkdir(exist_ok=True)
    lines = [json.dumps(answer, separators=(",", ":")) for answer, _ in answered]
    VECTORS.write_text("[\n" + ",\n".join(lines) + "\n]\n")
    MAPS.write_bytes(write_outputs([outputs for _, outputs in answered if outputs is not None]))


def read() -> list[dict[str, Any]]:
    """The answers, in the scenes' order."""
    answers: list[dict[str, Any]] = json.loads(VECTORS.read_text())
    return answers


def read_maps(outputs: Sequence[TensorSpec]) -> list[Tensors]:
    """The engine's outputs, for those scenes that it was asked about."""
    count = sum(answer["input"] is not None for answer in read())
    maps: list[Tensors] = [
        {name: np.ascontiguousarray(value) for name, value in tensors.items()}
        for tensors in read_outputs(MAPS.read_bytes(), MAPS.name, count, outputs)
    ]
    return maps
