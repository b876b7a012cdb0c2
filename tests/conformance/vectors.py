"""The committed vectors: what every implementation must answer, on every machine."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sonoedge.bundle.golden_file import read_outputs, write_outputs
from sonoedge.bundle.identity import manifest_text
from sonoedge.runtime import Tensors, TensorSpec

DATA = Path(__file__).resolve().parents[1] / "data"
BUNDLE = DATA / "tiny"
VECTORS = DATA / "conformance/vectors.json"
# The stream at the vectors' end once more, by a bundle that gathers evidence.
GATHERED = DATA / "conformance/evidence.json"
EVIDENCE = {
    "raise_log_odds": 4.0,
    "keep_log_odds": 1.5,
    "most_log_odds": 6.0,
    "unseen_log_odds": 2.0,
    "half_life_ms": 400.0,
}
MAPS = DATA / "conformance/maps.npz"


def write(answered: Sequence[tuple[dict[str, Any], Tensors | None]]) -> None:
    """Keep the answers, and the engine's outputs that they were made from."""
    VECTORS.parent.mkdir(exist_ok=True)
    lines = [json.dumps(answer, separators=(",", ":")) for answer, _ in answered]
    VECTORS.write_text("[\n" + ",\n".join(lines) + "\n]\n")
    MAPS.write_bytes(write_outputs([outputs for _, outputs in answered if outputs is not None]))


def write_gathered(answered: Sequence[tuple[dict[str, Any], Tensors | None]]) -> None:
    """Keep the answers of the bundle that gathers evidence; the outputs are those of the others."""
    lines = [json.dumps(answer, separators=(",", ":")) for answer, _ in answered]
    GATHERED.write_text("[\n" + ",\n".join(lines) + "\n]\n")


def gathering_bundle(folder: Path) -> Path:
    """A copy of the tiny bundle that gathers evidence in place of votes."""
    shutil.copytree(BUNDLE, folder)
    manifest = folder / "manifest.json"
    tree = json.loads(manifest.read_text())
    tree["tracking"]["evidence"] = EVIDENCE
    manifest.write_text(manifest_text(tree))
    return folder


def read(file: Path = VECTORS) -> list[dict[str, Any]]:
    """The answers, in the scenes' order."""
    answers: list[dict[str, Any]] = json.loads(file.read_text())
    return answers


def read_gathered_maps(outputs: Sequence[TensorSpec]) -> list[Tensors]:
    """The engine's outputs for the stream alone: those of the vectors' last scenes."""
    count = sum(answer["input"] is not None for answer in read(GATHERED))
    return read_maps(outputs)[-count:]


def read_maps(outputs: Sequence[TensorSpec]) -> list[Tensors]:
    """The engine's outputs, for those scenes that it was asked about."""
    count = sum(answer["input"] is not None for answer in read())
    maps: list[Tensors] = [
        {name: np.ascontiguousarray(value) for name, value in tensors.items()}
        for tensors in read_outputs(MAPS.read_bytes(), MAPS.name, count, outputs)
    ]
    return maps
