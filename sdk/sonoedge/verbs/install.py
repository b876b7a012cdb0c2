"""`sonoedge install`: put a bundle into a device's store, and ask whether it works there."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from sonoedge.bundle import read_bundle
from sonoedge.settings import plain
from sonoedge.store import activate, check_health, install_bundle
from sonoedge.store.health import HealthReport
from sonoedge.store.layout import open_layout
from sonoedge.trust.policy import read_policy
from sonoedge.verbs.engine_arguments import engine_options
from sonoedge.verbs.self_test_arguments import add_self_test_arguments, limits, report_line


def install(argv: Sequence[str]) -> int:
    """sonoedge install BUNDLE --store STORE [--activate] [--max-ms MS] [--json]"""
    parser = argparse.ArgumentParser(
        prog="sonoedge install",
        description="Copy a bundle into a device's store, every file checked, then test it in a "
        "process of its own. What runs does not change, unless --activate is given.",
    )
    parser.add_argument(
        "bundle",
        type=Path,
        metavar="BUNDLE",
        help="the bundle's folder; files that the store has already may be missing",
    )
    parser.add_argument(
        "--store", type=Path, required=True, metavar="STORE", help="the store's folder"
    )
    parser.add_argument(
        "--activate", action="store_true", help="let it run from now on, on trial, if it passes"
    )
    add_self_test_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print JSON to standard output")
    args = parser.parse_args(argv)
    bounds, engine, policy = limits(args), engine_options(args), read_policy()
    sha256 = install_bundle(args.store, args.bundle, trust=policy)
    if not args.json:
        print(f"installed {sha256}")
    if args.activate:
        report = activate(args.store, sha256, trust=policy, engine=engine, limits=bounds).report
    else:
        report = check_health(args.store, sha256, trust=policy, engine=engine, limits=bounds)
    if args.json:
        print(json.dumps(_summary(args, sha256, report), indent=1))
    else:
        print(report_line(report))
        if args.activate:
            print("active, on trial; when it works, run: sonoedge store mark-good")
    return 0


def _summary(args: argparse.Namespace, sha256: str, report: HealthReport) -> dict[str, object]:
    bundle = read_bundle(open_layout(args.store).bundle(sha256))
    return {
        "sha256": sha256,
        "bundle_id": bundle.manifest.bundle_id,
        "activated": args.activate,
        "self_test": plain(report),
    }
