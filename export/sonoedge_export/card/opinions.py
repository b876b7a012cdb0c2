"""Second opinions and certainty in a model card: what was measured of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sonoedge_export.card.measurement import Figure
from sonoedge_export.card.metric import metric
from sonoedge_export.card.model_card import ModelCard


def opinion_metrics(card: ModelCard) -> Iterator[dict[str, Any]]:
    """A head's AUROC and gain on the frames that chose it, and the coverage on each set."""
    for head in card.heads:
        chosen = " + ".join(each.name for each in head.chosen_on)
        frames = sum(each.frames for each in head.chosen_on)
        where = f"second opinion {head.name}; {chosen}"
        yield metric("AUROC alone", Figure(value=head.auroc, ci95=None), where, frames)
        gain = Figure(value=head.gain.mean, ci95=head.gain.ci95)
        name = "AUROC gained with the network, out of fold"
        yield metric(name, gain, f"{where}; {head.fusion_verdict}", frames)
    if card.certainty is None:
        return
    for row in card.certainty.measured:
        where = f"certainty at alpha {card.certainty.alpha:g}; {row.name}"
        malignant = Figure(value=row.malignant_covered, ci95=row.malignant_ci95)
        benign = Figure(value=row.benign_covered, ci95=row.benign_ci95)
        yield metric("malignant frames covered", malignant, where, row.malignant)
        yield metric("benign frames covered", benign, where, row.benign)
