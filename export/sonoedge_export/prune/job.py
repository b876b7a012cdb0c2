"""One pruning under way: what it works on, and the folder that it can be resumed from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from sonoedge.errors import InvalidSettings
from sonoedge.settings import plain
from sonoedge_export.candidates.latency import Timer
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.graph.deploy import Scale
from sonoedge_export.progress import Stages
from sonoedge_export.prune.accuracy import NetworkAccuracy
from sonoedge_export.prune.coupling import Coupled, Coupling
from sonoedge_export.prune.folder_file import read_file, write_file
from sonoedge_export.prune.importance import importances
from sonoedge_export.prune.recover.gradients import LabelGradients
from sonoedge_export.prune.recover.recovery import Recovery
from sonoedge_export.prune.recover.statistics import Statistics
from sonoedge_export.prune.slimmed_candidate import Open, Trace
from sonoedge_export.recipe.prune import Prune

STATE = "state.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What `state.json` holds: the SHA-256 of what decides the pruning's result."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Job:
    """A pruning: its settings, and the stages that it is made of.

    Attributes:
        name: the recipe's.
        parent: the recipe's network; it is never changed.
        start: an earlier pruned network that is recovered, in place of a search.
        example: an input of it, float32 [1, C, H, W].
        check: labelled frames for figures; empty where there are none.
        trace: makes a network's float graph.
        open: a variant's engine over a graph.
        timer: measures engines in turns.
        gradients, statistics, recovery: None where the recipe has no [prune.recover].
        out: the folder that is written.
    """

    name: str
    settings: Prune
    parent: nn.Module
    start: nn.Module | None = None
    example: Tensor
    check: Sequence[Labelled]
    trace: Trace
    open: Open
    timer: Timer
    accuracy: NetworkAccuracy
    gradients: LabelGradients | None
    statistics: Statistics | None
    recovery: Recovery | None
    out: Path
    stages: Stages

    def scored(self, network: nn.Module) -> tuple[list[Coupled], dict[str, Tensor]]:
        """What can be pruned of a network (the parent, or one already slimmed), and how much
        each channel matters."""
        if self.settings.importance == "taylor":
            assert self.gradients is not None
            self.gradients.accumulate(network)
        groups = Coupling(network, self.example).groups(self.settings.protect)
        return groups, importances(self.settings.importance, groups)

    def restate(self, cut: nn.Module) -> None:
        """Give a cut network's normalisation the statistics of the frames of recovery."""
        if self.statistics is not None:
            self.statistics.estimate(cut)


def example_input(scale: Scale, input_hw: tuple[int, int]) -> Tensor:
    """A frame of noise as the network gets it, the same at every call."""
    seeded = torch.Generator().manual_seed(0)
    noise = torch.rand(1, 1, *input_hw, generator=seeded) * 255
    scaled: Tensor = scale(noise)
    return scaled


def claim(out: Path, description: object) -> None:
    """Take a folder for a pruning, or find the same pruning begun there.

    Args:
        description: what decides the result, as JSON can hold it.

    Raises:
        InvalidSettings: the folder holds something else, or its state is damaged.
    """
    key = hashlib.sha256(json.dumps(description, sort_keys=True).encode()).hexdigest()
    file = out / STATE
    if file.is_file():
        try:
            state = read_file(State, file)
        except InvalidSettings as error:
            raise InvalidSettings(f"{out} cannot be resumed: {error}; give another --out") from None
        if state.key == key:
            return
        if any(path != file for path in out.iterdir()):
            raise InvalidSettings(
                f"{out} holds a pruning of other weights or settings; give another --out"
            )
        # A try that ended before it had anything to lose.
    elif out.exists() and any(out.iterdir()):
        raise InvalidSettings(f"{out} exists and is no pruning; give another --out")
    out.mkdir(parents=True, exist_ok=True)
    write_file(plain(State(key=key)), file)
