"""sonoedge export: build a bundle from a trained network."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sonoedge.sbom.document import SPEC_VERSIONS
from sonoedge.verbs.sign import add_signer_options, optional_signers
from sonoedge_export.verbs.packages import packages


def export(argv: Sequence[str]) -> int:
    """sonoedge export RECIPE.toml --out BUNDLE [--sign KEY.pem | --sign-with COMMAND]"""
    args = _parser().parse_args(argv)
    signers = optional_signers(args)  # a key that cannot be read must not turn out at the end
    with packages("export"):
        from sonoedge.bundle import read_bundle
        from sonoedge.terminal.termination import termination
        from sonoedge_export.bundle.publish import check_target
        from sonoedge_export.candidates.earlier import earlier_of
        from sonoedge_export.progress import Stages
        from sonoedge_export.recipe.recipe import read_recipe
    check_target(args.out, replace=args.force)
    recipe = read_recipe(args.recipe, args.data_root)
    if args.variants is not None:
        recipe = replace(recipe, variants=tuple(args.variants.split(",")))
    earlier = None
    if args.latency_from is not None:
        earlier = earlier_of(read_bundle(args.latency_from).manifest)
    with packages("export"):  # torch takes seconds: it comes when all else is known to be right
        from sonoedge_export.pipeline import export_bundle
        from sonoedge_export.verbs.figures import table
    stages = Stages(as_json=args.json)
    with termination():  # so that a terminated export cleans up as an interrupted one does
        manifest = export_bundle(
            recipe,
            args.out,
            stages,
            earlier=earlier,
            explain=args.explain,
            force=args.force,
            cyclonedx=args.cyclonedx,
            signers=signers,
        )
    if args.json:
        result = {"bundle": str(args.out), "bundle_id": manifest.bundle_id}
        print(json.dumps(result | {"signed_by": [s.public_key.id for s in signers]}))
    else:
        print(f"{args.out}: {manifest.bundle_id}\n{table(manifest)}")
        for signer in signers:
            print(f"signed by {signer.public_key.id}")
        for name, why in manifest.lineage["left_out"].items():
            print(f"left out: {name}: {why}")
    return 0


class _PrintSchema(argparse.Action):
    """Like --help: prints and exits, whatever else is given or lacking."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        with packages("export"):
            from sonoedge_export.recipe.schema import schema_text
        sys.stdout.write(schema_text())
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sonoedge export", description="Build a bundle from a trained network."
    )
    parser.add_argument(
        "recipe", type=Path, metavar="RECIPE.toml", help="what to build from what, see the docs"
    )
    parser.add_argument(
        "--schema", action=_PrintSchema, help="print the JSON Schema of a recipe and exit"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="BUNDLE", help="folder to write")
    parser.add_argument(
        "--force", action="store_true", help="replace a bundle that --out already holds"
    )
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
        help="build only these of the recipe's variants; the default is all that it allows",
    )
    parser.add_argument(
        "--data-root",
        type=Path,
        metavar="FOLDER",
        help="the folder that {data} stands for in the recipe's frames files",
    )
    parser.add_argument(
        "--cyclonedx",
        choices=SPEC_VERSIONS,
        default=SPEC_VERSIONS[0],
        help=f"the format's version of the bill of materials; {SPEC_VERSIONS[0]} where left out",
    )
    parser.add_argument(
        "--explain",
        type=Path,
        metavar="FOLDER",
        help="write the layers, ranked by the noise that 8 bits bring into each, as table and plot",
    )
    add_signer_options(parser, key="--sign", command="--sign-with", public="--sign-public")
    return parser
