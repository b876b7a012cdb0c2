"""sonoedge verify: measure a bundle's accuracy on labelled frames, and judge it by its gates."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sonoedge_export.verbs.packages import packages


def verify(argv: Sequence[str]) -> int:
    """sonoedge verify BUNDLE --data FRAMES.json; 3 where a variant fails a gate."""
    args = _parser().parse_args(argv)
    with packages("export"):
        from sonoedge_export.data.labelled import read_labelled
        from sonoedge_export.data.train_transform import compare_transform, load_transform
        from sonoedge_export.progress import Stages
        from sonoedge_export.recipe.recipe import read_recipe
        from sonoedge_export.verify import verify_bundle
    from sonoedge.bundle import read_bundle
    from sonoedge.errors import GateFailed
    from sonoedge.outputs.place import check_output
    from sonoedge.outputs.whole_file import write_whole
    from sonoedge.settings import plain

    check_output("--json", args.json, args.data, args.bundle, args.against, args.gates)
    transform = None if args.train_transform is None else load_transform(args.train_transform)
    gates = None if args.gates is None else read_recipe(args.gates).gates
    report = verify_bundle(
        args.bundle,
        args.data,
        args.split,
        args.variant,
        Stages(),
        gates=gates,
        against=args.against,
        transform=transform,
    )
    if transform is not None:
        spec = read_bundle(args.bundle).manifest.preprocess
        compared = compare_transform(spec, transform, read_labelled(args.data, args.split))
        report["train_transform"] = plain(compared) | {"differs": compared.differs}
    if args.json is not None:
        text = json.dumps(report, indent=1, allow_nan=False) + "\n"
        write_whole("the figures", args.json, text.encode())
    print("\n".join(_text(report, "the bundle" if args.gates is None else str(args.gates))))
    failed = any(g["answer"] == "fail" for row in report["variants"] for g in row["gates"].values())
    return GateFailed.exit_code if failed else 0


def _text(report: Mapping[str, Any], limits_of: str) -> Iterator[str]:
    from sonoedge_export.verbs.figures import lines

    yield f"{report['bundle_id']} on {report['data']}, {report['frames']} frames"
    yield f"judged by the gates of {limits_of}"
    for row in report["variants"]:
        yield f"\n{row['id']} ({row['runtime']}, {row['precision']})"
        yield from lines(row["metrics"])
        for gate in row["gates"].values():
            if gate["answer"] != "pass":
                yield f"  {gate['answer'].upper():<10} {gate['why']}"
        for name, metrics in row["subgroups"].items():
            yield f"  -- {name}"
            yield from lines(metrics, indent="    ")
    if "against" in report:
        older = report["against"]
        yield f"\nagainst {older['bundle_id']} ({older['reference_variant']})"
        for figure in older["figures"].values():
            yield f"  {figure['answer'].upper():<10} {figure['why']}"
    if "train_transform" in report:
        compared = report["train_transform"]
        yield (
            f"\ntraining's preprocessing on {compared['frames']} frames: "
            f"{compared['mean_levels']:.2f} grey levels of difference in the mean, "
            f"{compared['max_levels']:.1f} at most"
        )
        yield f"  {'DIFFERS    ' + compared['differs'] if compared['differs'] else 'alike'}"
    if "loss" in report:
        steps = {"preprocessing": report["loss"]["preprocessing"]}
        steps |= {f"compression, {k}": v for k, v in report["loss"]["compression"].items()}
        for step, figures in steps.items():
            yield f"\nlost by {step}"
            for figure in figures.values():
                yield f"  {figure['answer'].upper():<10} {figure['why']}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sonoedge verify",
        description="Measure a bundle's accuracy on labelled frames, and judge its variants by "
        "its gates.",
    )
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="the folder of the bundle")
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
    parser.add_argument(
        "--against",
        type=Path,
        metavar="OLD",
        help="also ask an older bundle the same frames: what was lost, with paired intervals",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    parser.add_argument(
        "--train-transform",
        metavar="MODULE:FUNCTION",
        help="compare the device's preprocessing with training's own, and tell what it loses and "
        "what compression does: a function of grey levels, "
        "uint8 (H, W), that gives the network's input",
    )
    return parser
