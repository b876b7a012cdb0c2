"""A table of weights by the threshold of the outline, on the validation splits.

    python judge.py --data BUSI BUSBRA BUS_UCLM --cache build/cache build/a/batch000400.safetensors

A pruned network is named by the recipe that ships it (--pruned nano.toml). --mirrored and --also
ask for each frame more than once, which a device would pay for with its time. The figures are those
of results.py; no test split is read.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import nn

from frames import Prepared, prepare
from results import table
from slimmer import pruned
from sonoedge.errors import SonoedgeError
from sonoedge_export.graph.load_network import load_network
from sonoedge_export.recipe.recipe import read_recipe
from stopping import refused
from teachers import trained
from validate import figures, maps
from views import Views

THRESHOLDS = (0.5, 0.35, 0.25)

Rows = list[tuple[str, dict[str, float]]]


def rows(name: str, net: nn.Module, data: Prepared, device: torch.device) -> Rows:
    """The network's figures at each threshold; it is asked once."""
    answers = maps(net.to(device), data, device)
    return [(f"{name} | {t:.2f}", figures(answers, data, t)) for t in THRESHOLDS]


def networks(args: argparse.Namespace) -> Iterator[tuple[str, nn.Module]]:
    """The networks to judge, with what they are called.

    Raises:
        InvalidNetwork: see `trained`.
        InvalidRecipe: a recipe cannot be read, or ships no pruned network.
    """
    for file in args.weights:
        yield file.name, trained([file]).networks[0]
    for file in args.pruned:
        recipe = read_recipe(file)
        yield f"{recipe.name}, pruned", pruned(load_network(recipe), file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add = parser.add_argument
    add("weights", type=Path, nargs="*", metavar="FILE")
    add("--pruned", type=Path, nargs="*", default=[], metavar="RECIPE")
    add("--mirrored", action="store_true", help="ask for the mirrored frame as well")
    add("--also", type=int, metavar="PIXELS", help="ask at this size as well")
    add("--data", type=Path, nargs="+", required=True, metavar="FOLDER")
    add("--cache", type=Path, default=Path("build/cache"), help="folder for the prepared frames")
    add("--size", type=int, default=256, help="pixels")
    add("--threads", type=int, help="processor threads; as many as there are cores if not given")
    add("--device", type=torch.device, default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args()
    if not args.weights and not args.pruned:
        parser.error("name weights, or --pruned and a recipe")
    if args.also is not None and (args.also < 32 or args.also % 32):
        parser.error("--also takes a multiple of 32")
    torch.set_flush_denormal(True)
    if args.threads is not None:
        torch.set_num_threads(args.threads)
    try:
        data = prepare(args.data, "val", args.size, args.cache)
        every = []
        for name, net in networks(args):
            views = Views(net, mirrored=args.mirrored, also=args.also)
            every += rows(name, views, data, args.device)
    except SonoedgeError as error:
        refused(error)
    print("\n".join(table("weights | threshold", every, [f.name for f in args.data])))


if __name__ == "__main__":
    main()
