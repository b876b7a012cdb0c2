"""Recovery of a pruned network by the reference network's own training: a recipe's `loop`.

    [prune.recover]
    frames = ["{data}/busi/frames.json", "{data}/busbra/frames.json", "{data}/bus_uclm/frames.json"]
    epochs = 20
    loop = "recover:recover"
    arguments = { masks_only = ["{data}/bus_uclm"], others = "{data}/", detect = 0.3 }

What train.py does with frames, it does here: sets of masks only, clips, blends, augmentation.
The unpruned network teaches, and beside it the networks that `teachers` names.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn

import train
from arguments import parser
from sonoedge.errors import InvalidRecipe
from sonoedge_export.data.labelled import read_labelled
from sonoedge_export.recipe.prune import Recover
from sonoedge_export.recipe.recipe import Recipe

# Of train.py's options, those whose values are files or folders of the recipe's.
PATHS = ("masks_only", "teachers", "unlabelled", "others", "cache")
# Of [prune.recover], what train.py has an option for, and what it has none for.
READ = ("batch", "lr", "distil", "workers", "seed")
NOT_READ = ("split", "labels", "coarse", "weight_decay", "augment", "quantization_aware")
# What the pruning decides.
DECIDED = (
    *("data", "out", "batches", "start", "trunk", "surroundings"),
    *("weights", "weights_sha256", "untrained"),
)


def recover(
    *,
    student: nn.Module,
    teacher: nn.Module,
    recipe: Recipe,
    settings: Recover,
    epochs: int,
    folder: Path,
    progress: Callable[[int, int], None],
    data: object = None,
    best: bool = False,
    **options: Any,
) -> None:
    """Train the student in place; a second call with the same folder goes on.

    Args:
        settings: epochs are passes over the graded frames, as train.py counts them.
        folder: train.py's --out.
        data: the frames as the built-in loop takes them; not used.
        best: keep the weights of the validation with the highest mean of Dice and AUROC over
            the lesions of all sets, in place of the last ones.
        options: of train.py, "_" for "-", such as detect=0.3; files and folders relative to
            the recipe, or in {data}.

    Raises:
        InvalidRecipe: train.py has no such option, or none for a setting that was changed.
        InvalidSettings, InvalidNetwork, InvalidData: see train.py.
    """
    _check(settings, options)
    args = _parsed([*_words(recipe, settings, options), "--out", str(folder)])
    graded = sum(len(read_labelled(f / "frames.json", "train")) for f in args.data)
    args.batches = epochs * max(1, graded // args.batch)
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_flush_denormal(True)
    if args.threads is not None:
        torch.set_num_threads(args.threads)
    with contextlib.redirect_stdout(sys.stderr):  # the command's own output may be JSON
        trained = train.fit(args, student, teacher, progress)
    state = load_file(_best(folder)) if best else trained.state_dict()
    student.load_state_dict({n: t.cpu().contiguous() for n, t in state.items()})


def _best(folder: Path) -> Path:
    """The file of weights that validation likes best; a set that cannot tell an AUROC has none.

    Each set counts by its lesions: of the least set, chance says most.
    """

    def worth(row: dict[str, float]) -> float:
        sets = [key.removeprefix("dice_") for key in row if key.startswith("dice_")]
        told = [
            (row[f"{figure}_{name}"], row[f"lesions_{name}"])
            for figure in ("dice", "auroc")
            for name in sets
            if not np.isnan(row[f"{figure}_{name}"])
        ]
        values, lesions = zip(*told, strict=True)
        return float(np.average(values, weights=lesions))

    log = json.loads((folder / "log.json").read_text())
    return folder / f"batch{max(log, key=worth)['batch']:06d}.safetensors"


def _check(settings: Recover, options: dict[str, Any]) -> None:
    usual = Recover(frames=settings.frames)
    changed = [n for n in NOT_READ if getattr(settings, n) != getattr(usual, n)]
    if changed:
        raise InvalidRecipe(f"prune.recover: recover.py cannot follow {', '.join(changed)}")
    decided = sorted(set(DECIDED) & set(options))
    if decided:
        raise InvalidRecipe(f"prune.recover.arguments: {', '.join(decided)} is not to be chosen")


def _parsed(words: list[str]) -> argparse.Namespace:
    options = parser("")

    def refuse(message: str) -> NoReturn:
        raise InvalidRecipe(f"prune.recover.arguments: {message}")

    options.error = refuse  # type: ignore[method-assign]
    return options.parse_args(words)


def _words(recipe: Recipe, settings: Recover, options: dict[str, Any]) -> list[str]:
    """The settings and the options as words of train.py's command line."""
    given = {name: getattr(settings, name) for name in READ} | options
    words = []
    for name, value in given.items():
        if value is False:
            continue
        values = list(value) if isinstance(value, list | tuple) else [value]
        if name in PATHS:
            values = [recipe.path(v) for v in values]
        words += [f"--{name.replace('_', '-')}", *(str(v) for v in values if v is not True)]
    masks = {recipe.path(v) for v in options.get("masks_only", ())}
    folders = dict.fromkeys(file.parent for file in recipe.files.recovery)
    return [*words, "--data", *(str(f) for f in folders if f not in masks)]
