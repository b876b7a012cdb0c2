from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from sonoedge.bundle import read_bundle
from sonoedge_export.card.model_card import read_model_card
from sonoedge_export.sbom.formulation import formulation

TINY = Path(__file__).parents[2] / "data" / "tiny"


def steps(lineage: dict[str, Any], left_out: dict[str, str] | None = None) -> dict[str, Any]:
    """The steps of an export with this lineage, by name."""
    bundle = read_bundle(TINY)
    manifest = replace(bundle.manifest, lineage=lineage)
    card = replace(read_model_card(bundle), left_out=left_out or {})
    formula = formulation(manifest, card, ["data"], ["file"])
    (workflow,) = formula["workflows"]
    assert workflow["inputs"] == [{"resource": {"ref": "data"}}]
    assert workflow["outputs"] == [{"type": "artifact", "resource": {"ref": "file"}}]
    return {step["name"]: step for step in workflow["steps"]}


def test_every_gate_is_told_with_its_answer_and_its_reason() -> None:
    judged = steps({})["judge openvino-fp32"]
    verdicts = {each["name"]: each["value"] for each in judged["properties"]}
    assert verdicts["sonoedge:gate:dice_drop"].startswith("pass: dice_drop is 0; at most 0.005")


def test_quantized_graphs_and_what_was_left_out_are_steps() -> None:
    found = steps({"quantized": {"a-int8": {"int8_nodes": ["x"]}}}, {"b-int8": "slower"})
    assert '"int8_nodes": ["x"]' in found["quantize a-int8"]["properties"][0]["value"]
    assert found["leave out b-int8"]["properties"][0]["value"] == "slower"
    assert "prune" not in found


def test_a_lineage_in_another_form_gives_fewer_steps_and_no_error() -> None:
    assert "trace" in steps({"quantized": 3, "tools": None})
