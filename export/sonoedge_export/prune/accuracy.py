"""A torch network's figures on labelled frames, through the device's own code."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from sonoedge.analyser import Analyser
from sonoedge.analysis import Origin
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.evaluation.accuracy import figures
from sonoedge_export.evaluation.outcomes import evaluate
from sonoedge_export.graph.build import deploy, torch_runtime
from sonoedge_export.recipe.recipe import Recipe

NOWHERE = Origin(bundle_id="", engine_sha256="", runtime="", precision="", variant="")


def accuracy(recipe: Recipe, network: nn.Module, data: Sequence[Labelled]) -> dict[str, float]:
    """Dice and AUROC per set of frames, as "dice NAME" and "auroc NAME"; what there is none of
    is left out."""
    analyser = Analyser(
        torch_runtime(recipe, deploy(recipe, network)),
        preprocess=recipe.input,
        postprocess=recipe.postprocess,
        guard=recipe.guard,
        origin=NOWHERE,
    )
    found: dict[str, float] = {}
    for each in {d.name: d for d in data}.values():
        outcomes = evaluate(analyser, each)
        row = figures(outcomes, outcomes, positive=recipe.postprocess.positive, intervals=False)
        for name, key in (("dice", "dice_mean"), ("auroc", "malignancy_auroc")):
            if row[key] is not None:
                found[f"{name} {each.name}"] = row[key]
    return found


def few(data: Sequence[Labelled], count: int) -> list[Labelled]:
    """Some frames of each set, spread over it."""
    parts = []
    for d in {d.name: d for d in data}.values():
        step = max(1, len(d) // max(1, count // len(data)))
        parts.append(Labelled(name=d.name, entries=d.entries[::step]))
    return parts
