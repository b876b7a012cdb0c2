"""How a bundle was made, as CycloneDX's `formulation`: tools, steps, what went in and came out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sonoedge.bundle import Manifest
from sonoedge.sbom.component import property_list
from sonoedge.settings import plain
from sonoedge_export.card.model_card import ModelCard
from sonoedge_export.recipe.variants import VARIANTS
from sonoedge_export.sbom.tools import tool_components

Step = dict[str, Any]


def formulation(
    manifest: Manifest, card: ModelCard, data: Sequence[str], files: Sequence[str]
) -> dict[str, Any]:
    """One formula: the packages, and the export's steps with their settings and verdicts.

    Args:
        data, files: refs of the sets of frames that were read, and of the files written.
    """
    tools = manifest.lineage.get("tools")
    rows = tools if isinstance(tools, Mapping) else {}
    versions = {name: version for name, version in rows.items() if isinstance(version, str)}
    workflow = {
        "bom-ref": "workflow:export",
        "uid": "export",
        "name": "sonoedge export",
        "taskTypes": ["build", "test"],
        "steps": list(_steps(manifest, card)),
        "inputs": [{"resource": {"ref": ref}} for ref in data],
        "outputs": [{"type": "artifact", "resource": {"ref": ref}} for ref in files],
    }
    return {
        "bom-ref": "formula:export",
        "components": [tool.cyclonedx() for tool in tool_components(versions)],
        "workflows": [workflow],
    }


def _steps(manifest: Manifest, card: ModelCard) -> Iterator[Step]:
    yield _step("trace", "The trained network becomes an ONNX graph.", {})
    pruned = [v.id for v in manifest.variants if v.id in VARIANTS and VARIANTS[v.id].pruned]
    if pruned:
        text = "The network is pruned and recovered."
        yield _step("prune", text, {"sonoedge:variants": ", ".join(pruned)})
    quantized = manifest.lineage.get("quantized")
    records = quantized if isinstance(quantized, Mapping) else {}
    for name, record in sorted(records.items()):
        text = f"The graph of {name} is quantized."
        record_text = json.dumps(plain(record), sort_keys=True)
        yield _step(f"quantize {name}", text, {"sonoedge:quantized": record_text})
    for result in card.variants:
        yield _judged(result.variant.id, result.gates)
    for name, why in sorted(card.left_out.items()):
        yield _step(f"leave out {name}", f"{name} is not in the bundle.", {"sonoedge:why": why})
    count = len(manifest.golden.frames)
    text = f"Answers to {count} frames are kept, to be compared on each device."
    yield _step("golden frames", text, {})


def _judged(name: str, gates: Mapping[str, Mapping[str, Any]]) -> Step:
    """A variant's gates: answer and reason of each, the undecided ones among them."""
    verdicts = {
        f"sonoedge:gate:{gate}": f"{answer.get('answer')}: {answer.get('why')}"
        for gate, answer in sorted(gates.items())
    }
    text = f"{name} is compared with the trained network on labelled frames."
    return _step(f"judge {name}", text, verdicts or {"sonoedge:gates": "none recorded"})


def _step(name: str, description: str, properties: Mapping[str, str]) -> Step:
    step: Step = {"name": name, "description": description}
    return step | ({"properties": property_list(properties)} if properties else {})
