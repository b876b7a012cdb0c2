"""The network's raw answers to labelled frames, computed once and replayed for every setting."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from sonoedge.analyser import Analyser
from sonoedge.analysis import Origin
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.runtime import Tensors, TensorSpec
from sonoedge_export.data.labelled import Entry, Labelled, read_labelled
from sonoedge_export.graph.deploy import INPUT, Answer, Scale
from sonoedge_export.recipe.outputs import Outputs
from sonoedge_export.recipe.recipe import Recipe

Picture = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
NOWHERE = Origin(bundle_id="", engine_sha256="", runtime="torch", precision="fp32", variant="")


class Recorder:
    """A runtime that runs the trained network and keeps what it answered, before activations."""

    def __init__(self, recipe: Recipe, network: nn.Module) -> None:
        hw = (recipe.input.height, recipe.input.width)
        self.inputs = (TensorSpec(name=INPUT, dtype="uint8", shape=(1, 1, *hw)),)
        self.raw: list[Any] = []
        self._scale, self._network = Scale(recipe.network), network
        self._answer = Answer(recipe.outputs)
        self.outputs = tuple(
            TensorSpec(name=name, dtype="float32" if name == "class_probs" else "uint8", shape=())
            for name in self._answer.output_names
        )

    @torch.no_grad()
    def infer(self, tensors: Tensors) -> Tensors:
        """Run once."""
        self.raw.append(self._network(self._scale(torch.from_numpy(tensors[INPUT]))))
        return _tensors(self._answer, self.raw[-1])

    def close(self) -> None:
        """Nothing to give back."""


class Replay:
    """A runtime that gives recorded answers in their order, through activations of its own."""

    def __init__(self, recorder: Recorder, outputs: Outputs) -> None:
        self.inputs, self.outputs = recorder.inputs, recorder.outputs
        self._raw: Sequence[Any] = recorder.raw
        self._answer, self._next = Answer(outputs), 0

    @torch.no_grad()
    def infer(self, tensors: Tensors) -> Tensors:
        """The next frame's answer."""
        self._next += 1
        return _tensors(self._answer, self._raw[self._next - 1])

    def close(self) -> None:
        """Nothing to give back."""


def _tensors(answer: Answer, raw: Any) -> Tensors:
    return {n: np.asarray(t.numpy()) for n, t in zip(answer.output_names, answer(raw), strict=True)}


@dataclass(frozen=True, kw_only=True)
class Held(Entry):
    """An entry whose picture and mask are read once and kept."""

    @functools.cached_property
    def _pixels(self) -> Picture:
        return Entry.pixels(self)

    @functools.cached_property
    def _truth(self) -> Mask:
        return Entry.truth(self)

    def pixels(self) -> Picture:
        """Grey levels, uint8 (H, W); not to be written to."""
        return self._pixels

    def truth(self, size: tuple[int, ...] | None = None) -> Mask:
        """True inside a lesion, bool (H, W); not to be written to.

        Args:
            size: not needed; the mask and its picture were compared when they were read.
        """
        return self._truth


def held(files: Sequence[Path], split: str | None, name: str | None = None) -> Labelled:
    """The frames of one split of several files, kept in memory.

    Args:
        name: of all of them; None names the split.
    """
    entries = [e for f in files for e in read_labelled(f, split)]
    fields = [f.name for f in dataclasses.fields(Entry)]
    kept = tuple(Held(**{n: getattr(e, n) for n in fields}) for e in entries)
    return Labelled(name=name or split or "all", entries=kept)


def analyser(
    recipe: Recipe, engine: Recorder | Replay, postprocess: PostprocessSpec | None = None
) -> Analyser:
    """The recipe's analyser over an engine; frames are no stream."""
    return Analyser(
        engine,
        preprocess=recipe.input,
        postprocess=postprocess or recipe.postprocess,
        guard=recipe.guard,
        origin=NOWHERE,
    )
