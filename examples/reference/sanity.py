"""Does the explanation come from the weights? It must change when they are randomised.

    python sanity.py recipe.toml FRAMES.json

The test of Adebayo et al. 2018 (arXiv:1810.03292): from the head down, more and more of
the network is replaced by an untrained one. Inside the regions of the trained network,
its map and the changed network's are compared by rank correlation.
"""

from __future__ import annotations

import copy
import sys
from pathlib import Path

import cv2
import numpy as np
import torch
from scipy.stats import spearmanr
from torch import nn

from recorded import Picture, Recorder, analyser
from sonoedge.analysis import Analysed
from sonoedge.frames import Frame
from sonoedge.processing.preprocess import Preprocess
from sonoedge_export.data.labelled import Labelled, read_labelled
from sonoedge_export.graph.load_network import load_network
from sonoedge_export.recipe.recipe import Recipe, read_recipe

HEAD = ("malignancy", "surroundings")  # what the map is made by
CASCADE = {
    "the head": HEAD,
    "and the layer before it": (*HEAD, "grade"),
    "and the decoder": (*HEAD, "grade", "up3", "up4"),
    "everything": ("",),
}
SMALLEST = 30  # cells of a region: fewer have no ranks to speak of


def randomised(network: nn.Module, parts: tuple[str, ...], seed: int) -> nn.Module:
    """A copy with untrained weights in some of its parts; "" is the whole."""
    torch.manual_seed(seed)
    changed = copy.deepcopy(network)
    for name, module in changed.named_modules():
        if name.startswith(parts) and hasattr(module, "reset_parameters"):
            module.reset_parameters()
    return changed.eval()


def correlations(
    recipe: Recipe, network: nn.Module, changed: nn.Module, data: Labelled
) -> list[float]:
    """Rank correlation of the two malignancy maps, for each region of the trained network."""
    engines = [Recorder(recipe, n) for n in (network, changed)]
    judge, preprocess = analyser(recipe, engines[0]), Preprocess(recipe.input)
    found = []
    for entry in data:
        judge.forget()
        pixels = entry.pixels()
        result = judge.analyse(Frame(pixels=pixels))
        if not isinstance(result, Analysed) or not result.regions:
            continue
        tensor, geometry = preprocess(pixels)
        engines[1].infer({engines[1].inputs[0].name: tensor})
        maps = [engine.raw[-1]["malignancy"][0, 0].numpy() for engine in engines]
        cells = maps[0].shape
        u0, v0, u1, v1 = geometry.placed_in_map((cells[0], cells[1]))
        for region in result.regions:
            inside: Picture = np.zeros(pixels.shape, dtype=np.uint8)
            cv2.fillPoly(inside, [region.contour_px], 1)
            small = cv2.resize(inside, (u1 - u0, v1 - v0), interpolation=cv2.INTER_NEAREST) > 0
            if small.sum() >= SMALLEST:
                pair = [m[v0:v1, u0:u1][small] for m in maps]
                found.append(float(spearmanr(pair[0], pair[1]).statistic))
    return found


def table(recipe: Recipe, data: Labelled, seeds: int = 2) -> list[str]:
    """Rows: what was randomised, and how alike the maps still are."""
    network = load_network(recipe)
    rows = ["| randomised | regions | rank correlation, mean | mean of its size |"]
    rows.append("|---|---|---|---|")
    for name, parts in {"nothing": (), **CASCADE}.items():
        values = np.concatenate(
            [
                correlations(recipe, network, randomised(network, parts, seed), data)
                for seed in range(seeds if parts else 1)
            ]
        )
        rows.append(
            f"| {name} | {len(values)} | {values.mean():.2f} | {np.abs(values).mean():.2f} |"
        )
    return rows


if __name__ == "__main__":
    print("\n".join(table(read_recipe(sys.argv[1]), read_labelled(Path(sys.argv[2])))))
