"""The verbs of the workstation: export and verify."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sonoedge.bundle import Manifest, read_bundle
from sonoedge.settings import plain
from sonoedge.terminal.termination import termination
from sonoedge_export.candidates.earlier import earlier_of
from sonoedge_export.data.labelled import read_labelled
from sonoedge_export.data.train_transform import compare_transform, load_transform
from sonoedge_export.pipeline import export_bundle
from sonoedge_export.progress import Stages
from sonoedge_export.recipe.recipe import read_recipe
from sonoedge_export.verify import verify_bundle


def export(argv: Sequence[str]) -> int:
    """sonoedge export RECIPE.toml --out BUNDLE"""
    parser = argparse.ArgumentParser(
        prog="sonoedge export", description="Build a bundle from a trained network."
    )
    parser.add_argument("recipe", type=Path, metavar="RECIPE.toml", help="what to export, and how")
    parser.add_argument("--out", type=Path, required=True, metavar="BUNDLE", help="folder to write")
    parser.add_argument("--json", action="store_true", help="progress and result as JSON lines")
    parser.add_argument(
        "--latency-from",
        type=Path,
        metavar="BUNDLE",
        help="take the latencies of an earlier bundle in place of measuring, for a byte-identical "
        "rebuild",
    )
    parser.add_argument(
        "--variants",
        metavar="ID,ID",
        help="build only these of the recipe's variants; default is all that it allows",
    )
    parser.add_argument(
        "--data-root",
        type=Path,
        metavar="DIR",
        help="the folder that {data} stands for in the recipe's frames files",
    )
    parser.add_argument(
        "--explain",
        type=Path,
        metavar="DIR",
        help="write the layers, ranked by the noise that 8 bits bring into each, as table and plot",
    )
    args = parser.parse_args(argv)
    earlier = None
    if args.latency_from is not None:
        earlier = earlier_of(read_bundle(args.latency_from).manifest)
    recipe = read_recipe(args.recipe, args.data_root)
    if args.variants is not None:
        recipe = replace(recipe, variants=tuple(args.variants.split(",")))
    stages = Stages(as_json=args.json)
    with termination():  # so that a terminated export cleans up as an interrupted one does
        manifest = export_bundle(recipe, args.out, stages, earlier=earlier, explain=args.explain)
    if args.json:
        print(json.dumps({"bundle": str(args.out), "bundle_id": manifest.bundle_id}))
    else:
        print(f"{args.out}: {manifest.bundle_id}\n{table(manifest)}")
        for name, why in manifest.lineage["left_out"].items():
            print(f"left out: {name}: {why}")
    return 0


def verify(argv: Sequence[str]) -> int:
    """sonoedge verify BUNDLE --data FRAMES.json"""
    parser = argparse.ArgumentParser(
        prog="sonoedge verify", description="Measure a bundle's accuracy on labelled frames."
    )
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="the bundle's folder")
    parser.add_argument(
        "--data", type=Path, required=True, metavar="FRAMES.json", help="the labelled frames"
    )
    parser.add_argument("--split", help="only frames of this split")
    parser.add_argument("--variant", metavar="ID", help="only this variant (and the reference)")
    parser.add_argument(
        "--gates",
        type=Path,
        metavar="RECIPE.toml",
        help="judge by the limits of this recipe in place of those that the bundle holds",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    parser.add_argument(
        "--train-transform",
        metavar="MODULE:FUNCTION",
        help="compare the device's preprocessing with training's own: a function of grey levels, "
        "uint8 (H, W), that gives the network's input",
    )
    args = parser.parse_args(argv)
    gates = None if args.gates is None else read_recipe(args.gates).gates
    report = verify_bundle(args.bundle, args.data, args.split, args.variant, Stages(), gates=gates)
    if args.train_transform is not None:
        transform = load_transform(args.train_transform)
        spec = read_bundle(args.bundle).manifest.preprocess
        compared = compare_transform(spec, transform, read_labelled(args.data, args.split))
        report["train_transform"] = plain(compared) | {"differs": compared.differs}
    if args.json is not None:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps(report, indent=1, allow_nan=False) + "\n")
    print(f"{report['bundle_id']} on {report['data']}, {report['frames']} frames")
    print(f"judged by the gates of {'the bundle' if args.gates is None else args.gates}")
    for row in report["variants"]:
        print(f"\n{row['id']} ({row['runtime']}, {row['precision']})")
        _figures(row["metrics"])
        for gate in row["gates"].values():
            if gate["answer"] != "pass":
                print(f"  {gate['answer'].upper():<10} {gate['why']}")
        for name, part in row["subgroups"].items():
            print(f"  -- {name}")
            _figures(part, indent="    ")
    if "train_transform" in report:
        found = report["train_transform"]
        print(
            f"\ntraining's preprocessing on {found['frames']} frames: {found['mean_levels']:.2f} "
            f"grey levels apart in the mean, {found['max_levels']:.1f} at most"
        )
        print(f"  {'DIFFERS    ' + found['differs'] if found['differs'] else 'alike'}")
    return 0


def table(manifest: Manifest) -> str:
    """The variants, one line each; a pruned one agrees with its own network too."""
    lines = [f"{'variant':<24} {'p50 ms':>8} {'Dice':>7} {'AUROC':>7} {'flags agree':>12}"]
    for v in manifest.variants:
        m = v.metrics
        lines.append(
            f"{v.id:<24} {_number(v.latency_ms_p50):>8} {_number(m['dice_mean']):>7} "
            f"{_number(m['malignancy_auroc']):>7} {m['flag_agreement']:>12.1%}"
            + (f"  (own {m['own']['flag_agreement']:.1%})" if "own" in m else "")
        )
    return "\n".join(lines)


def _figures(metrics: dict[str, Any], indent: str = "  ") -> None:
    for name, value in metrics.items():
        if name.endswith("_ci95") or name in ("gates", "own"):
            continue
        interval = metrics.get(f"{name.removesuffix('_mean')}_ci95")
        tail = "" if interval is None else f"  [{interval[0]:.3f}, {interval[1]:.3f}]"
        print(f"{indent}{name:<26} {_number(value)}{tail}")


def _number(value: float | int | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.3f}"
