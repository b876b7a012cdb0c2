"""One pruning under way: what it works on, and the folder that it can be resumed from."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from sonoedge.errors import InvalidNetwork, InvalidRecipe, InvalidSettings
from sonoedge.settings import plain
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.graph.deploy import Scale
from sonoedge_export.graph.load_network import load_network
from sonoedge_export.progress import Stages
from sonoedge_export.prune.coupling import Coupled, Coupling
from sonoedge_export.prune.importance import importances
from sonoedge_export.prune.recover.frames import Prepared, prepare, read_split
from sonoedge_export.prune.recover.gradients import accumulate
from sonoedge_export.prune.slim import comparable, digest
from sonoedge_export.recipe.prune import Prune
from sonoedge_export.recipe.recipe import Recipe

STATE = "state.json"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Job:
    """A pruning.

    Attributes:
        parent: the recipe's network; it is never changed.
        example: an input of it, float32 [1, C, H, W].
        train, check: labelled frames for recovery and for figures; None and empty where
            the recipe has no [prune.recover].
        out: the folder that is written.
    """

    recipe: Recipe
    settings: Prune
    parent: nn.Module
    example: Tensor
    train: Prepared | None
    check: list[Labelled]
    out: Path
    stages: Stages

    def scored(self, network: nn.Module) -> tuple[list[Coupled], dict[str, Tensor]]:
        """What can be pruned of a network (the parent, or one already slimmed), and how much
        each channel matters."""
        if self.settings.importance == "taylor":
            assert self.train is not None
            accumulate(network, self.recipe, self.train)
        groups = Coupling(network, self.example).groups(self.settings.protect)
        return groups, importances(self.settings.importance, groups)


def begin(recipe: Recipe, out: Path, stages: Stages) -> Job:
    """Load network and frames; refuse a folder that another pruning was written to.

    Raises:
        InvalidRecipe: it has no [prune], or no torch network.
        InvalidSettings: the folder holds something else.
        InvalidNetwork, InvalidData: what the recipe names cannot be used.
    """
    settings = recipe.prune
    if settings is None:
        raise InvalidRecipe("the recipe has no [prune] section")
    if not settings.targeted and settings.recover is None:
        raise InvalidRecipe("[prune] names weights alone: there is nothing to prune by")
    if recipe.network.onnx is not None:
        raise InvalidNetwork("an ONNX file cannot be pruned; give its torch network (factory)")
    parent = load_network(recipe)
    _claim(recipe, settings, parent, out)
    train, check = None, []
    if settings.recover is not None:
        with stages.stage("read frames for recovery"):
            train = prepare(recipe, read_split(recipe, settings.recover, settings.recover.split))
            check = read_split(recipe, settings.recover, settings.recover.check_split)
    return Job(
        recipe=recipe,
        settings=settings,
        parent=parent,
        example=example_input(recipe),
        train=train,
        check=check,
        out=out,
        stages=stages,
    )


def example_input(recipe: Recipe) -> Tensor:
    """A frame of noise as the network gets it, the same at every call."""
    seeded = torch.Generator().manual_seed(0)
    noise = torch.rand(1, 1, recipe.input.height, recipe.input.width, generator=seeded) * 255
    scaled: Tensor = Scale(recipe.network)(noise)
    return scaled


def _claim(recipe: Recipe, settings: Prune, parent: nn.Module, out: Path) -> None:
    whole = [digest(parent), comparable(settings), plain(recipe.input), plain(recipe.outputs)]
    key = hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
    file = out / STATE
    if file.is_file():
        if json.loads(file.read_text())["key"] != key:
            raise InvalidSettings(
                f"{out} holds a pruning of other weights or settings; give another --out"
            )
        return
    if out.exists() and any(out.iterdir()):
        raise InvalidSettings(f"{out} exists and is no pruning; give another --out")
    out.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"key": key}) + "\n")
