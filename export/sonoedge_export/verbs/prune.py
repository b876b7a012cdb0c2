"""sonoedge prune RECIPE.toml --out FOLDER"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from sonoedge.terminal.termination import termination
from sonoedge_export.progress import Stages
from sonoedge_export.prune.report import markdown
from sonoedge_export.prune.stage import prune as prune_recipe
from sonoedge_export.recipe.recipe import read_recipe


def prune(argv: Sequence[str]) -> int:
    """Search, cut, recover; the same --out again goes on where it stopped."""
    parser = argparse.ArgumentParser(
        prog="sonoedge prune",
        description="Prune a trained network until it is as fast as the recipe's [prune] says, "
        "and recover it. The same --out again goes on after an interruption.",
    )
    parser.add_argument("recipe", type=Path, metavar="RECIPE.toml", help="with a table [prune]")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="where the slimmer network goes"
    )
    parser.add_argument("--data-root", type=Path, metavar="FOLDER", help="what {data} stands for")
    parser.add_argument("--json", action="store_true", help="progress and result as JSON lines")
    args = parser.parse_args(argv)
    stages = Stages(as_json=args.json)
    with termination():
        done = prune_recipe(read_recipe(args.recipe, args.data_root), args.out, stages)
    if args.json:
        print(json.dumps({"weights": str(done.weights), "pruned": done.report["pruned"]}))
    else:
        print(f"{markdown(done.report)}\n{done.weights}")
        print("to export it: copy it and the .json beside it to the recipe, and set in [prune]:")
        print(f'weights = "{done.weights.name}"')
    return 0
