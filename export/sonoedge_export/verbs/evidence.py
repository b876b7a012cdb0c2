"""sonoedge evidence: one page for whoever must show what a bundle is and what is known of it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from sonoedge.verbs.sign import add_signer_options, signers
from sonoedge_export.verbs.packages import packages


def evidence(argv: Sequence[str]) -> int:
    """sonoedge evidence BUNDLE [--junit FILE] [--against OLD] ... --out DIR"""
    args = _parser().parse_args(argv)
    with packages("export"):
        from sonoedge_export.bundle.publish import EVIDENCE, check_target
        from sonoedge_export.evidence.inputs import Paths, read_inputs
        from sonoedge_export.evidence.pack import PAGE, make_pack, write_pack
    check_target(args.out, EVIDENCE, replace=args.force)
    signing = signers(args) if args.key or args.command or args.public else []
    inputs = read_inputs(
        Paths(
            bundle=args.bundle,
            verify=tuple(args.verify),
            bench=tuple(args.bench),
            reliability=args.reliability,
            provision=args.provision,
            guard=args.guard,
            audit=args.audit,
            junit=args.junit,
            requirements=args.requirements,
            hazards=args.hazards,
            against=args.against,
        )
    )
    pack = make_pack(inputs)
    write_pack(pack, inputs, args.out, signing, force=args.force)
    marks = pack.marks
    if args.json:
        print(json.dumps({"evidence": str(args.out), "bundle_id": pack.bundle_id} | dict(marks)))
    else:
        print(
            f"{args.out / PAGE}: {pack.bundle_id}: {marks['fail']} rows failed, "
            f"{marks['undecided']} undecided, {marks['pass']} passed"
        )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sonoedge evidence",
        description="Lay out what is known of a bundle, every value with its file and key: one "
        "page that prints, one JSON, CSVs. It claims no conformity.",
    )
    add = parser.add_argument
    add("bundle", type=Path, metavar="BUNDLE", help="the bundle's folder")
    add("--out", type=Path, required=True, metavar="DIR", help="folder to write")
    add("--force", action="store_true", help="replace a pack that --out already holds")
    add("--json", action="store_true", help="print the result as JSON")
    several = "; may be given several times"
    for name, writer, more in (
        ("verify", "sonoedge verify --json", several),
        ("bench", "sonoedge bench --json", several),
    ):
        add(
            f"--{name}",
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help=f"what {writer} wrote{more}",
        )
    for name, help_text in (
        ("reliability", "what sonoedge reliability --json wrote"),
        ("provision", "what sonoedge provision --report wrote"),
        ("guard", "what the study of guard rates wrote"),
        ("audit", "what sonoedge audit verify --json wrote"),
        ("junit", "results of the tests, JUnit XML"),
        ("requirements", "your requirements, TOML (default: the project's own)"),
        ("hazards", "your hazards, TOML (default: the project's own)"),
    ):
        add(f"--{name}", type=Path, metavar="FILE", help=help_text)
    add("--against", type=Path, metavar="OLD", help="an older bundle, to tell what changed")
    add_signer_options(parser)
    return parser
