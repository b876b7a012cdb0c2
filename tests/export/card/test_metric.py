from __future__ import annotations

from sonoedge_export.card.measurement import Figure
from sonoedge_export.card.metric import metric


def test_a_figure_that_was_not_measured_is_never_a_blank() -> None:
    row = metric("AUROC", Figure(value=None, ci95=None), "second opinion a; drawn", None)
    assert row == {"type": "AUROC", "value": "not measured", "slice": "second opinion a; drawn"}


def test_values_and_bounds_are_text() -> None:
    row = metric("AUROC", Figure(value=0.5, ci95=(0.25, 0.75)), "drawn", 40)
    assert row["value"] == "0.5"
    assert row["slice"] == "drawn; 40 frames"
    assert row["confidenceInterval"] == {"lowerBound": "0.25", "upperBound": "0.75"}
