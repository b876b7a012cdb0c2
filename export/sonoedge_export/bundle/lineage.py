"""Where a bundle comes from: network, data and tools."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sonoedge_export.bundle.tools import versions
from sonoedge_export.candidates.candidate import Candidate
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.graph.build import Graph
from sonoedge_export.recipe.recipe import Recipe

TOOLS: Final = (
    "sonoedge", "torch", "onnx", "onnxscript", "onnxruntime", "openvino", "nncf",
    "ai-edge-litert", "numpy",
)  # fmt: skip


def lineage(
    recipe: Recipe,
    graph: Graph,
    *,
    sets: Sequence[Labelled],
    operating_point_sets: Sequence[Labelled],
    candidates: Sequence[Candidate],
    left_out: Mapping[str, str],
) -> dict[str, Any]:
    """What the manifest keeps as `lineage`.

    Args:
        graph: the unpruned network's.
        sets: the frames judged on, per file.
        operating_point_sets: the frames that the operating point was measured on, per file.
        candidates: the variants in the bundle.
        left_out: by variant, why it is not in the bundle.
    """
    source = recipe.files.network
    weights = None if source is None else source.read_bytes()
    held_back = recipe.operating_point
    split = recipe.data.split if held_back is None else held_back.split
    return {
        "network": recipe.network.factory or "onnx",
        "parameters": graph.parameters,
        "weights_sha256": None if weights is None else hashlib.sha256(weights).hexdigest(),
        "data": _sets(sets, recipe.data.split),
        "operating_point": _sets(operating_point_sets, split),
        "quantized": {
            c.name: c.model.quantized for c in candidates if c.model.quantized is not None
        },
        "left_out": dict(left_out),
        "tools": dict(versions(TOOLS)),
    }


def _sets(sets: Sequence[Labelled], split: str | None) -> list[dict[str, Any]]:
    return [{"name": d.name, "split": split, "frames": len(d), "sha256": d.sha256()} for d in sets]
