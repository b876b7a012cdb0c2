"""sonoedge prune: prune a trained network until it is fast enough, and recover it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from sonoedge_export.verbs.packages import packages


def prune(argv: Sequence[str]) -> int:
    """sonoedge prune RECIPE.toml --out FOLDER"""
    args = _parser().parse_args(argv)
    with packages("export", "compress"):
        from sonoedge.terminal.termination import termination
        from sonoedge_export.progress import Stages
        from sonoedge_export.recipe.recipe import read_recipe
    recipe = read_recipe(args.recipe, args.data_root)
    with packages("export", "compress"):
        from sonoedge_export.prune.report import markdown
        from sonoedge_export.prune.stage import prune as prune_recipe
    stages = Stages(as_json=args.json)
    with termination():
        pruned = prune_recipe(recipe, args.out, stages)
    if args.json:
        told = {"pruned": pruned.report["pruned"], "warnings": pruned.report["warnings"]}
        print(json.dumps({"weights": str(pruned.weights)} | told))
    else:
        print(f"{markdown(pruned.report)}\n{pruned.weights}")
        print("to export it: copy it and the .json beside it to the recipe, and set in [prune]:")
        print(f'weights = "{pruned.weights.name}"')
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sonoedge prune",
        description="Prune a trained network until it is as fast as the recipe's [prune] says, "
        "and recover it. The same --out again goes on after an interruption.",
    )
    parser.add_argument(
        "recipe", type=Path, metavar="RECIPE.toml", help="a recipe with a table [prune]"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="what is written")
    parser.add_argument(
        "--data-root",
        type=Path,
        metavar="FOLDER",
        help="the folder that {data} stands for in the recipe's frames files",
    )
    parser.add_argument("--json", action="store_true", help="progress and result as JSON lines")
    return parser
