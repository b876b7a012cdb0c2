"""A torch network's figures on labelled frames, through the device's own code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from torch import nn

from sonoedge.runtime import Runtime
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.evaluation.accuracy import figures
from sonoedge_export.evaluation.answers import Evaluation


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkAccuracy:
    """Measures networks.

    Attributes:
        evaluation: the settings that frames are analysed with.
        runtime: makes a network the runtime that answers as it was trained.
    """

    evaluation: Evaluation
    runtime: Callable[[nn.Module], Runtime]

    def measure(self, network: nn.Module, data: Sequence[Labelled]) -> dict[str, float]:
        """Dice and AUROC per set of frames, as "dice NAME" and "auroc NAME".

        A figure that a set does not have is left out.
        """
        measured: dict[str, float] = {}
        positive = self.evaluation.postprocess.positive
        for each in {d.name: d for d in data}.values():
            evaluation = replace(self.evaluation, frames=each)
            outcomes = evaluation.run(self.runtime(network), lambda done, of: None).outcomes
            row = figures(outcomes, outcomes, positive=positive, intervals=False)
            for name, key in (("dice", "dice_mean"), ("auroc", "malignancy_auroc")):
                if row[key] is not None:
                    measured[f"{name} {each.name}"] = row[key]
        return measured


def subset(data: Sequence[Labelled], count: int) -> list[Labelled]:
    """Some frames of each set, spread over it."""
    parts = []
    for d in {d.name: d for d in data}.values():
        step = max(1, len(d) // max(1, count // len(data)))
        parts.append(Labelled(name=d.name, entries=d.entries[::step]))
    return parts
