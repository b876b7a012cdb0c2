"""One network through the whole workstation: weights, recipe, export, prune, export again."""

from __future__ import annotations

import importlib
import json
import re
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import drawn
import onnx
import torch
from families import VARIANTS, Family, recipe, toml
from fit import fit, seed
from safetensors.torch import save_file
from torch import Tensor, nn

from sonoedge.errors import GateFailed, InvalidNetwork, PruningRefused
from sonoedge.processing.preprocess import Preprocess
from sonoedge_export.candidates.latency import Timer, interleaved_p50, timing_frames
from sonoedge_export.data.labelled import Labelled, read_labelled
from sonoedge_export.graph.deploy import Scale
from sonoedge_export.graph.to_onnx import to_onnx
from sonoedge_export.pipeline import export_bundle
from sonoedge_export.progress import Stages
from sonoedge_export.prune.stage import prune
from sonoedge_export.recipe.recipe import read_recipe

Row = dict[str, Any]  # of one network, as JSON holds it

MODULES = ("classifiers", "convnext", "mobilenet", "squeezenet", "unets", "stored")
HERE = Path(__file__).resolve().parent
INT8 = """
[calibration]
frames = ["frames/frames.json"]
split = "calibration"

[quantize]
rescue = false
"""
PRUNE = """
[prune]
on = ["onnxruntime-fp32"]
target_speedup = 1.5
"""


def build(
    key: str,
    family: Family,
    folder: Path,
    *,
    side: int | None = None,
    frames: tuple[int, int, int] = (30, 16, 30),
) -> Row:
    """Make the network's recipe and bundle in a folder and say what came of it.

    Args:
        side: input size in place of the family's.
        frames: how many are drawn for the last layer's fit, for calibration, for judging.

    Returns:
        See `exported`.
    """
    shutil.rmtree(folder, ignore_errors=True)
    splits = dict(zip(("fit", "calibration", "judged"), frames, strict=True))
    drawn.write(folder / "frames", splits | {"few": 6})
    for name in MODULES:
        shutil.copy(HERE / f"{name}.py", folder)
    file = folder / "float.toml"
    network, lines = _made(key, family, file, side)
    save_file(network.state_dict(), folder / "weights.safetensors")
    lines += '\nweights = "weights.safetensors"'
    if family.from_onnx:
        size = side or family.side
        example = torch.zeros(1, 1, size, size)
        onnx.save(to_onnx(network, (example,), ["x"], ["logits"]), folder / "network.onnx")
        lines = 'onnx = "network.onnx"'
    file.write_text(recipe(key, family, network=lines, extra=INT8, side=side, variants=VARIANTS))
    file = folder / "prune.toml"
    file.write_text(recipe(key, family, network=lines, extra=PRUNE, side=side))
    return exported(folder / "float.toml", folder / "unpruned")


def three_classes(key: str, family: Family, folder: Path, *, side: int | None = None) -> Row:
    """The same classifier with three classes, in float alone, on few frames; see `exported`."""
    family = replace(family, arguments=family.arguments | {"classes": 3}, classes=drawn.KINDS)
    file = folder / "three.toml"
    network, lines = _made(key, family, file, side)
    save_file(network.state_dict(), folder / "three.safetensors")
    lines += '\nweights = "three.safetensors"'
    exact = ("onnxruntime-fp32", "openvino-fp32")
    file.write_text(recipe(key, family, network=lines, side=side, split="few", variants=exact))
    return exported(file, folder / "three")


def prune_built(key: str, family: Family, folder: Path, *, side: int | None = None) -> Row:
    """Prune what `build` made, fit the last layer again, and export that.

    Returns:
        `prune`'s report and "pruned", see `exported`; or "prune_refused", why not.
    """
    file = folder / "prune.toml"
    shutil.rmtree(folder / "prune", ignore_errors=True)
    with (folder / "prune.log").open("w") as log:
        try:
            done = prune(read_recipe(file), folder / "prune", Stages(log), timer=_timer(file))
        except (PruningRefused, InvalidNetwork) as error:
            return {"prune_refused": str(error)}
    slim = done.network
    _fit(slim, family, file)
    save_file(slim.state_dict(), folder / "slim.safetensors")
    given = toml({"recipe": str(file.resolve()), "weights": str(done.weights.resolve())})
    lines = f'factory = "stored:slim"\narguments = {given}\nweights = "slim.safetensors"'
    file = folder / "pruned.toml"
    file.write_text(
        recipe(f"{key}-pruned", family, network=lines, extra=INT8, side=side, variants=VARIANTS)
    )
    return {"prune": dict(done.report), "pruned": exported(file, folder / "pruned")}


def exported(file: Path, out: Path) -> Row:
    """Export a recipe; its variants' figures, sizes and what was refused, and why."""
    text = out.with_suffix(".log")
    with text.open("w") as log:
        try:
            manifest = export_bundle(read_recipe(file), out, Stages(log), timer=_timer(file))
        except GateFailed as error:
            return {"parameters": None, "variants": {}, "failed": str(error)} | _refused(text)
    return {
        "parameters": manifest.lineage["parameters"],
        "variants": {
            v.id: {
                "bytes": sum(manifest.files[f].bytes for f in v.model_files),
                "metrics": json.loads(json.dumps(v.metrics)),
            }
            for v in manifest.variants
        },
    } | _refused(text)


def _made(key: str, family: Family, file: Path, side: int | None) -> tuple[nn.Module, str]:
    """The network, its last layer fitted, and the recipe's lines that name it."""
    module, _, function = family.factory.partition(":")
    torch.manual_seed(0)
    network: nn.Module = getattr(importlib.import_module(module), function)(**family.arguments)
    seed(network)
    lines = f'factory = "{family.factory}"\narguments = {toml(family.arguments)}'
    file.write_text(recipe(key, family, network=lines, side=side))
    _fit(network, family, file)
    return network, lines


def _timer(file: Path) -> Timer:
    """Fewer rounds than an export takes by itself: large networks are slow."""
    spec = read_recipe(file)
    data = read_labelled(spec.path("frames/frames.json"), "judged")
    tensors = timing_frames(data, spec.input)
    return partial(interleaved_p50, tensors=tensors, rounds=4, burst=3)


def _refused(log: Path) -> dict[str, dict[str, str]]:
    """Why variants are not in the bundle, from what the export said."""
    found = re.findall(r"^\s+(\S+): LEFT OUT: (.*)$", log.read_text(), re.MULTILINE)
    return {"refused": dict(found)}


def _fit(network: nn.Module, family: Family, file: Path) -> None:
    """Fit to the frames of the split "fit", as the recipe's preprocessing gives them."""
    spec = read_recipe(file)
    data = read_labelled(spec.path("frames/frames.json"), "fit")
    if not family.segments and "normal" not in family.classes:
        data = Labelled(name=data.name, entries=tuple(e for e in data if e.label in family.classes))
    preprocess = Preprocess(spec.input)
    scale = Scale(spec.network)
    pictures = [scale(torch.from_numpy(preprocess(e.pixels())[0].copy())) for e in data]
    classes = [family.classes.index(str(e.label)) for e in data]
    targets = torch.tensor(classes)
    if family.segments:
        masks = [_mask(preprocess(e.truth().astype("uint8") * 255)[0].copy()) for e in data]
        targets = torch.stack([m * c for m, c in zip(masks, classes, strict=True)])
    fit(network, torch.cat(pictures), targets)


def _mask(tensor: Any) -> Tensor:
    return torch.from_numpy(tensor)[0, 0].gt(127).long()
