"""sonoedge reliability"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from sonoedge.bundle import read_bundle
from sonoedge.errors import GateFailed
from sonoedge.outputs.place import check_output
from sonoedge.runtime import RUNTIMES
from sonoedge_bench.document.files import write_json
from sonoedge_bench.machine import machine
from sonoedge_bench.reliability.context import Context
from sonoedge_bench.reliability.crashes import crashes
from sonoedge_bench.reliability.figures import Figure, as_json, table
from sonoedge_bench.reliability.isolation import isolation
from sonoedge_bench.reliability.orphans import orphans
from sonoedge_bench.reliability.overload import overload
from sonoedge_bench.reliability.pinned import pinned
from sonoedge_bench.reliability.restart import restart
from sonoedge_bench.reliability.service.host import missing
from sonoedge_bench.reliability.service.kills import service_kills
from sonoedge_bench.reliability.service.round_trip import service
from sonoedge_bench.reliability.shadow import shadow
from sonoedge_bench.reliability.soak import conservation, soak
from sonoedge_bench.reliability.starvation import starvation
from sonoedge_bench.reliability.submit import submit
from sonoedge_bench.reliability.switch import switch

PARTS: Final[dict[str, Callable[[Context], list[Figure]]]] = {
    "submit": submit,
    "isolation": isolation,
    "restart": restart,
    "crashes": crashes,
    "orphans": orphans,
    "overload": overload,
    "conservation": conservation,
    "soak": soak,
    "starved": starvation,
    "pinned": pinned,
    "switch": switch,
    "shadow": shadow,
    "service": service,
    "service-kills": service_kills,
}
IN_C: Final = ("service", "service-kills")  # parts that build a host in C


def reliability(argv: Sequence[str]) -> int:
    """sonoedge reliability BUNDLE

    Raises:
        OutputError: the figures cannot be written.
        GateFailed: with --strict, a limit is not kept.
    """
    parser = argparse.ArgumentParser(
        prog="sonoedge reliability",
        description="What a live session survives, and how fast. Kills processes of its own.",
    )
    add = parser.add_argument
    add("bundle", type=Path, metavar="BUNDLE", help="the bundle's folder")
    add("--small", type=Path, metavar="BUNDLE", help="a small network for the long counts")
    runtimes = ("auto", *RUNTIMES)
    listed = f"{', '.join(runtimes)}; onnxruntime where it is not given"
    add("--runtime", default="onnxruntime", choices=runtimes, metavar="NAME", help=listed)
    add("--only", nargs="+", choices=PARTS, metavar="PART", help=f"of {', '.join(PARTS)}")
    add("--quick", action="store_true", help="few repetitions: to see that it works")
    add("--json", type=Path, metavar="FILE", help="write figures and raw samples")
    add("--strict", action="store_true", help="exit code 3 where a limit is not kept")
    args = parser.parse_args(argv)
    context = Context(
        bundle=args.bundle,
        small=args.small or args.bundle,
        runtime=args.runtime,
        quick=args.quick,
    )
    bundle_id = read_bundle(args.bundle).manifest.bundle_id
    read_bundle(context.small)
    check_output("--json", args.json, args.bundle, args.small)
    logging.getLogger("sonoedge.session").setLevel(logging.CRITICAL)  # deaths are on purpose
    results: dict[str, list[Figure]] = {}
    for name in args.only or _parts():
        start = time.monotonic()
        print(f"{name} ...", file=sys.stderr)
        results[name] = PARTS[name](context)
        print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr)
    print(table(results))
    if args.json is not None:
        data = {
            "schema": "sonoedge-reliability-1",
            "bundle_id": bundle_id,
            "quick": args.quick,
            "machine": machine(),
            "parts": {name: [as_json(f) for f in figures] for name, figures in results.items()},
        }
        write_json(args.json, data)
    missed = [f.name for figures in results.values() for f in figures if f.met is False]
    if missed and args.strict:
        raise GateFailed(f"{len(missed)} limits are not kept: {'; '.join(missed)}")
    return 0


def _parts() -> list[str]:
    """All that can be measured here; says what cannot."""
    why = missing()
    if why is None:
        return list(PARTS)
    print(f"{' and '.join(IN_C)} are left out: {why}", file=sys.stderr)
    return [name for name in PARTS if name not in IN_C]
