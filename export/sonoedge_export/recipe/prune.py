"""The recipe's [prune] section."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from sonoedge.errors import InvalidSettings
from sonoedge_export.recipe.variants import VariantId

# What every loop of the user's own gets.
LOOP: Final = frozenset(
    ("student", "teacher", "recipe", "settings", "data", "epochs", "folder", "progress")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recover:
    """How the pruned network is trained to answer like the unpruned one again.

    Attributes:
        frames: frames.json files; a file named twice is drawn from twice as often.
        split: only frames of this split are trained on; None takes all.
        check_split: the figures are from frames of this split; None takes all.
        epochs: in all, shared out over the steps.
        coarse: how many of each step's epochs, the first ones, see frames at three quarters
            of the height and width (in multiples of 32): half the work.
        batch: frames of one step of the optimizer.
        lr: AdamW's largest learning rate: it rises over 5 % of a step's batches and falls
            along half a cosine.
        weight_decay: AdamW's.
        labels: weight of the loss against the labels.
        distil: weight of the loss against the unpruned network's answers.
        augment: "module:function" that takes pixels, mask (uint8, H x W) and a numpy
            Generator and gives both back; None takes the built-in one.
        loop: "module:function" that trains in place of the built-in loop.
        arguments: keyword arguments of the loop, beside those that it always gets.
        check_every: epochs between figures.
        quantization_aware: round weights and inputs of convolutions to 8 bits in training.
        workers: processes that augment, beside the training one; 0 for none.
        seed: the same seed gives the same frames, order and weights.
    """

    frames: tuple[str, ...]
    split: str | None = "train"
    check_split: str | None = "val"
    epochs: int = 12
    coarse: int = 0
    batch: int = 16
    lr: float = 1e-3
    weight_decay: float = 0.02
    labels: float = 1.0
    distil: float = 1.0
    augment: str | None = None
    loop: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    check_every: int = 4
    quantization_aware: bool = False
    workers: int = 1
    seed: int = 1

    def __post_init__(self) -> None:
        if not self.frames:
            raise InvalidSettings("frames must name at least one frames.json")
        for name in ("epochs", "batch", "check_every"):
            if getattr(self, name) < 1:
                raise InvalidSettings(f"{name} must be 1 or more")
        for name in ("labels", "distil", "workers", "weight_decay", "coarse"):
            if getattr(self, name) < 0:
                raise InvalidSettings(f"{name} must not be below 0")
        if self.lr <= 0:
            raise InvalidSettings("lr must be above 0")
        for name in ("augment", "loop"):
            value = getattr(self, name)
            if value is not None and value.count(":") != 1:
                raise InvalidSettings(f"{name} must be 'module:function'")
        if self.arguments and self.loop is None:
            raise InvalidSettings("arguments belong to loop; the built-in one takes none")
        own = sorted(set(self.arguments) & LOOP)
        if own:
            raise InvalidSettings(f"arguments: every loop gets {', '.join(own)} already")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prune:
    """How far to prune, and by what.

    With neither target_speedup nor max_latency_ms nothing is pruned: `start` is recovered, or the
    network is only trained with quantization_aware rounding.

    Attributes:
        on: variants that are timed, int8 ones too; the target must be reached on each.
        target_speedup: how many times faster than the unpruned network.
        max_latency_ms: or: a median time of one engine call.
        smallest_gain: a candidate that is not so much faster, as a share, is refused.
        importance: which channels go first: those with the smallest weights ("magnitude"),
            effect on the loss ("taylor", needs `recover`) or scale after normalization
            ("batchnorm").
        spread: "uniform" takes the same share everywhere; "global" ranks the channels of
            all layers, each by its layer's mean.
        multiple: channels are left in multiples of it; 16 is the block of int8 hardware.
        most: largest share of a layer's channels that is removed.
        protect: layers whose output channels stay, by name; * stands for anything. Layers
            that make the network's outputs always stay.
        steps: prune a little, recover, again.
        recover: how the pruned network is trained again; None prunes only.
        start: a pruned network of the same architecture, as `sonoedge prune` wrote it: its widths
            and its weights are what is recovered, in place of a search. For a network that was
            trained on since.
        weights: the recovered network that `sonoedge prune` wrote, used as it is. Without a
            target beside it the other keys are those that it was made with, as its
            description says; with one, all must be the same.
    """

    on: tuple[VariantId, ...] = ("onnxruntime-fp32",)
    target_speedup: float | None = None
    max_latency_ms: float | None = None
    smallest_gain: float = 0.05
    importance: Literal["magnitude", "taylor", "batchnorm"] = "magnitude"
    spread: Literal["global", "uniform"] = "global"
    multiple: int = 16
    most: float = 0.75
    protect: tuple[str, ...] = ()
    steps: int = 1
    recover: Recover | None = None
    start: str | None = None
    weights: str | None = None

    def __post_init__(self) -> None:
        if not self.on:
            raise InvalidSettings("on must name at least one variant")
        if self.target_speedup is not None and self.max_latency_ms is not None:
            raise InvalidSettings("give target_speedup or max_latency_ms, not both")
        if not 0.05 <= self.smallest_gain < 1:
            raise InvalidSettings("smallest_gain must be 0.05 or more, below 1")
        if self.target_speedup is not None and self.target_speedup < 1 + self.smallest_gain:
            raise InvalidSettings("target_speedup must be at least 1 + smallest_gain")
        if self.max_latency_ms is not None and self.max_latency_ms <= 0:
            raise InvalidSettings("max_latency_ms must be above 0")
        if not 1 <= self.multiple <= 256 or not 0 < self.most < 1 or self.steps < 1:
            raise InvalidSettings(
                "multiple must be 1 to 256, most between 0 and 1, steps 1 or more"
            )
        if self.importance == "taylor" and self.recover is None:
            raise InvalidSettings("importance taylor needs [prune.recover]: labelled frames")
        if self.recover is None and self.steps > 1:
            raise InvalidSettings("steps above 1 need [prune.recover]")
        if self.start is not None and (self.targeted or self.recover is None or self.steps > 1):
            raise InvalidSettings(
                "start needs [prune.recover], and no target_speedup, max_latency_ms or steps: how "
                "far to prune is decided already"
            )
        aware = self.recover is not None and self.recover.quantization_aware
        if not self.targeted and not aware and self.start is None and self.weights is None:
            raise InvalidSettings("give target_speedup or max_latency_ms")

    @property
    def targeted(self) -> bool:
        """Something is to be pruned."""
        return self.target_speedup is not None or self.max_latency_ms is not None
