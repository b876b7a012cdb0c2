"""A model card tells what was measured of second opinions and certainty."""

from __future__ import annotations

from pathlib import Path

from sonoedge.bundle import read_bundle
from sonoedge_export.card.model_card import read_model_card
from sonoedge_export.card.opinions import opinion_metrics


def test_each_head_and_each_set_of_frames_has_its_figures(place: Path) -> None:
    metrics = list(opinion_metrics(read_model_card(read_bundle(place / "bundle"))))
    assert [(row["type"], row["slice"]) for row in metrics] == [
        ("AUROC alone", "second opinion second-opinion; choose; 60 frames"),
        (
            "AUROC gained with the network, out of fold",
            "second opinion second-opinion; choose; fused: the interval lies above 0; 60 frames",
        ),
        ("malignant frames covered", "certainty at alpha 0.1; fit; 30 frames"),
        ("benign frames covered", "certainty at alpha 0.1; fit; 30 frames"),
    ]
    assert all("confidenceInterval" in row for row in metrics[1:])
