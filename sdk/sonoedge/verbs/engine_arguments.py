"""The options that say which engine runs, and how it is driven."""

from __future__ import annotations

import argparse
from typing import get_args

from sonoedge.engines.options import EngineOptions, PlacementOption
from sonoedge.runtime import RUNTIMES


def add_engine_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --runtime, --variant, --threads, --spin, --keep-warm and --placement."""
    add = parser.add_argument
    add(
        "--runtime",
        default="auto",
        choices=("auto", *RUNTIMES),
        metavar="NAME",
        help=f"{', '.join(RUNTIMES)}; auto (the default) takes the fastest that is "
        "available, and says which",
    )
    add("--variant", metavar="ID", help="a variant of the bundle; goes before --runtime")
    add("--threads", type=int, metavar="N", help="the engine's CPU threads")
    add("--spin", action="store_true", help="the engine's threads wait awake between frames")
    add(
        "--keep-warm",
        action="store_true",
        help="one engine call more in each pause, just before the next frame is due",
    )
    add(
        "--placement",
        choices=get_args(PlacementOption),
        default="auto",
        help="the engine's threads: with a core each, left to the kernel, or (auto) as "
        "sonoedge provision measured it here",
    )


def engine_options(args: argparse.Namespace) -> EngineOptions:
    """What those options say.

    Raises:
        InvalidSettings: a value is out of range.
    """
    return EngineOptions(
        runtime=args.runtime,
        variant=args.variant,
        threads=args.threads,
        spin=args.spin,
        keep_warm=args.keep_warm,
        placement=args.placement,
    )
