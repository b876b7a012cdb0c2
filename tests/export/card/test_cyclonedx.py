from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sonoedge.bundle import Card, CardData, read_bundle
from sonoedge_export.card.cyclonedx import cyclonedx_card
from sonoedge_export.card.measurement import measurement
from sonoedge_export.card.model_card import ModelCard, model_card, read_model_card
from sonoedge_export.card.verification import read_verification

TINY = Path(__file__).parents[2] / "data" / "tiny"


@pytest.fixture
def card() -> ModelCard:
    return read_model_card(read_bundle(TINY))


def properties(rows: list[dict[str, str]]) -> dict[str, str]:
    return {row["name"].removeprefix("sonoedge:"): row["value"] for row in rows}


def texts(value: object) -> list[str]:
    """Every text in it."""
    if isinstance(value, dict):
        return [text for each in value.values() for text in texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in texts(each)]
    assert isinstance(value, str), value
    return [value]


def test_figures_are_text_with_their_interval_their_frames_and_their_owner(card: ModelCard) -> None:
    metrics = cyclonedx_card(card)["quantitativeAnalysis"]["performanceMetrics"]
    assert {
        "type": "Dice",
        "value": "0.858698",
        "slice": "onnxruntime-fp32; drawn; 8 frames",
        "confidenceInterval": {"lowerBound": "0.806771", "upperBound": "0.908808"},
    } in metrics
    assert any(m["type"] == "sensitivity at threshold 0.5" for m in metrics)
    with_itself = [m for m in metrics if "flags" in m["type"] and "trained" in m["slice"]]
    assert with_itself == []


def test_a_figure_that_the_frames_do_not_tell_is_said_to_be_not_measured(card: ModelCard) -> None:
    card = replace(card, trained=measurement("drawn", {"specificity": None}))
    metrics = cyclonedx_card(card)["quantitativeAnalysis"]["performanceMetrics"]
    assert metrics[0] == {
        "type": "specificity",
        "value": "not measured",
        "slice": "trained network; drawn",
    }


def test_groups_of_frames_are_slices_of_their_own(card: ModelCard) -> None:
    group = measurement("drawn: label benign", {"frames": 4, "dice_mean": 0.5, "flag_agreement": 1})
    metrics = cyclonedx_card(replace(card, subgroups=(group,)))["quantitativeAnalysis"]
    rows = [m for m in metrics["performanceMetrics"] if "label benign" in m["slice"]]
    assert rows == [
        {
            "type": "Dice",
            "value": "0.5",
            "slice": "trained network; drawn: label benign; 4 frames",
        }
    ]


def test_how_intervals_were_made_is_told_or_said_to_be_not_recorded(card: ModelCard) -> None:
    told = cyclonedx_card(replace(card, intervals={"method": "bootstrap", "level": "0.95"}))
    rows = [r["value"] for r in told["properties"] if r["name"] == "sonoedge:intervals"]
    assert rows == ["level: 0.95", "method: bootstrap"]
    untold = cyclonedx_card(replace(card, intervals={}))
    assert properties(untold["properties"])["intervals"] == "not recorded"


def test_nothing_is_blank_where_nothing_was_stated(card: ModelCard) -> None:
    written = cyclonedx_card(card)
    assert "" not in texts(written)
    assert written["considerations"]["users"] == ["not provided"]
    assert properties(written["properties"])["contraindications"] == "not provided"
    (judged, _) = written["modelParameters"]["datasets"]
    assert properties(judged["contents"]["properties"])["licence"] == "NOASSERTION"


def test_what_was_stated_stands_there_and_what_was_recorded_goes_before_it(card: ModelCard) -> None:
    drawn = CardData(name="drawn", used_for="test", frames=5, licence="CC0-1.0", devices=("A", "B"))
    training = CardData(name="drawn", used_for="training", frames=900)
    bundle = read_bundle(TINY)
    stated = Card(users="nobody", contraindications=("all",), data=(drawn, training))
    manifest = replace(bundle.manifest, card=stated)
    written = cyclonedx_card(model_card(manifest, read_verification(bundle)))
    judged, _, other = written["modelParameters"]["datasets"]
    rows: list[Any] = judged["contents"]["properties"]
    assert properties(rows)["frames"] == "8"
    assert properties(rows)["licence"] == "CC0-1.0"
    assert [r["value"] for r in rows if r["name"] == "sonoedge:devices"] == ["A", "B"]
    assert properties(other["contents"]["properties"])["used_for"] == "training"
    assert properties(other["contents"]["properties"])["frames"] == "900"
    assert written["considerations"]["users"] == ["nobody"]
