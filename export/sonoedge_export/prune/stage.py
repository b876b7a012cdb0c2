"""Bind a recipe to a pruning, and run it: the stages get their settings, and none the recipe."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from sonoedge.errors import InvalidNetwork, InvalidRecipe
from sonoedge.settings import plain
from sonoedge_export.candidates.latency import Timer, interleaved_p50, timing_frames
from sonoedge_export.data.evaluation_set import evaluation_sets, joined
from sonoedge_export.evaluation.answers import Evaluation
from sonoedge_export.graph.build import build_graph, deploy, torch_runtime
from sonoedge_export.graph.deploy import Answer, Scale
from sonoedge_export.graph.load_network import load_network, named
from sonoedge_export.progress import Stages
from sonoedge_export.prune.accuracy import NetworkAccuracy
from sonoedge_export.prune.engines import check_timed, engines
from sonoedge_export.prune.job import Job, claim, example_input
from sonoedge_export.prune.recover.augment import augment
from sonoedge_export.prune.recover.frames import Prepared, prepare, read_split
from sonoedge_export.prune.recover.gradients import LabelGradients
from sonoedge_export.prune.recover.recovery import Recovery
from sonoedge_export.prune.recover.statistics import Statistics
from sonoedge_export.prune.run import Pruned, run
from sonoedge_export.prune.slim import comparable, digest, start_from
from sonoedge_export.prune.slimmed_candidate import Open
from sonoedge_export.recipe.prune import LOOP, Prune, Recover
from sonoedge_export.recipe.recipe import Recipe


@contextlib.contextmanager
def _denormals_flushed() -> Iterator[None]:
    """While the block runs, denormal numbers are 0: they make a CPU many times slower.

    torch's threads are set so when they are made, so this comes before any of them; the
    caller's own arithmetic is left as it was.
    """
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


@_denormals_flushed()
def prune(
    recipe: Recipe,
    out: Path,
    stages: Stages,
    *,
    open: Open | None = None,
    timer: Timer | None = None,
) -> Pruned:
    """Prune the recipe's network into a folder; the same folder again goes on.

    Args:
        open: a variant's engine over a graph; None takes the engines of this machine.
        timer: gives each engine's median milliseconds; None times them here.

    Raises:
        PruningRefused: the target cannot be reached, or nothing is gained.
        InvalidRecipe, InvalidSettings, InvalidNetwork, InvalidData: the input cannot be used.
    """
    settings, files, labels = _settings(recipe), recipe.files, recipe.postprocess.labels
    if open is None:
        check_timed(settings.on)
    frames = joined(evaluation_sets(files.evaluation, recipe.data.split, labels))
    parent, scale = load_network(recipe), Scale(recipe.network)
    example = example_input(scale, (recipe.input.height, recipe.input.width))
    start = None if files.start is None else start_from(parent, files.start)
    claim(out, [digest(parent), comparable(settings), plain(recipe.input), plain(recipe.outputs)])
    train, check = None, []
    if settings.recover is not None:
        with stages.stage("read frames for recovery"):
            train_sets, check = (
                read_split(files.recovery, split, labels)
                for split in (settings.recover.split, settings.recover.check_split)
            )
            train = prepare(recipe.input, recipe.postprocess, train_sets)
    accuracy = NetworkAccuracy(
        evaluation=Evaluation(
            frames=joined(check),
            preprocess=recipe.input,
            postprocess=recipe.postprocess,
            guard=recipe.guard,
        ),
        runtime=lambda network: torch_runtime(recipe, deploy(recipe, network)),
    )
    gradients = statistics = None
    if train is not None:
        gradients = LabelGradients(scale=scale, answer=Answer(recipe.outputs), data=train)
        statistics = Statistics(scale=scale, data=train)
    job = Job(
        name=recipe.name,
        settings=settings,
        parent=parent,
        start=start,
        example=example,
        check=check,
        trace=partial(build_graph, recipe),
        open=open or engines(recipe, frames),
        timer=timer or partial(interleaved_p50, tensors=timing_frames(frames, recipe.input)),
        accuracy=accuracy,
        gradients=gradients,
        statistics=statistics,
        recovery=_recovery(recipe, settings, parent, train, partial(accuracy.measure, data=check)),
        out=out,
        stages=stages,
    )
    return run(job)


def _settings(recipe: Recipe) -> Prune:
    settings = recipe.prune
    if settings is None:
        raise InvalidRecipe(
            "the recipe has no [prune] section; add one, such as [prune] with target_speedup = 2.0"
        )
    if not settings.targeted and settings.recover is None:
        raise InvalidRecipe("[prune] names weights alone: there is nothing to prune by")
    if recipe.network.onnx is not None:
        raise InvalidNetwork("an ONNX file cannot be pruned; give its torch network (factory)")
    return settings


def _recovery(
    recipe: Recipe,
    settings: Prune,
    parent: nn.Module,
    train: Prepared | None,
    figures: Callable[[nn.Module], dict[str, float]],
) -> Recovery | None:
    if settings.recover is None or train is None:
        return None
    names = settings.recover
    return Recovery(
        recipe=recipe,
        settings=names,
        teacher=parent,
        data=train,
        augment=named(recipe.folder, names.augment, "prune.recover.augment")
        if names.augment
        else augment,
        loop=_loop(recipe, names) if names.loop else None,
        figures=figures,
    )


def _loop(recipe: Recipe, names: Recover) -> Callable[..., Any]:
    """The user's own loop, with its own arguments.

    Raises:
        InvalidNetwork: there is none of this name, or it does not take what it is called with.
    """
    key = "prune.recover.loop"
    assert names.loop is not None
    loop: Callable[..., Any] = named(recipe.folder, names.loop, key)
    try:
        inspect.signature(loop).bind(**dict.fromkeys((*LOOP, *names.arguments)))
    except TypeError as error:
        raise InvalidNetwork(f"{key}: {names.loop}: {error}") from error
    return partial(loop, **names.arguments)
