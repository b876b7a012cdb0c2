"""python -m fuzz: attack the entry points, and print what became of it; 1 where one gave way."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

# Before NumPy: the libraries' pools of threads would not live through a fork.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

from fuzz import engines
from fuzz.budget import Budget
from fuzz.finds import write_finds
from fuzz.guarded import run_guarded
from fuzz.report import HEAD, MOST_MIB, as_dict, row
from fuzz.scratch import scratch
from fuzz.table import ENTRY_POINTS, load
from fuzz.tally import Tally


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--entry", action="append", choices=sorted(ENTRY_POINTS), default=[])
    parser.add_argument("--seconds", type=float, help="for each entry point")
    parser.add_argument("--inputs", type=int, help="for each entry point")
    parser.add_argument("--engine", action="append", choices=("trees", "bytes", "coverage"))
    parser.add_argument("--seed", type=int, help="the same inputs again; by default, new ones")
    parser.add_argument("--out", type=Path, default=Path("build/fuzz"), help="where finds go")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    parser.add_argument("--replay", type=Path, help="attack with this file alone, unguarded")
    args = parser.parse_args()
    if args.replay is not None and len(args.entry) != 1:
        parser.error("--replay needs one --entry")
    if args.seconds is None and args.inputs is None:
        args.seconds = 60.0
    return args


def main() -> int:
    """Run the driver."""
    args = _arguments()
    seed = time.time_ns() % 10**9 if args.seed is None else args.seed
    budget = Budget(inputs=args.inputs, seconds=args.seconds)
    with scratch():
        if args.replay is not None:
            load(args.entry[0]).attack(args.replay.read_bytes())
            return 0
        figures, failed = {}, False
        print(f"seed {seed}\n{HEAD}", flush=True)
        for name in args.entry or ENTRY_POINTS:
            tally, by_engine = _attack(name, budget, seed, args.engine)
            print(row(name, tally, by_engine), flush=True)
            for file in write_finds(name, load(name), tally, args.out):
                print(f"  {file}", flush=True)
            figures[name] = as_dict(tally, by_engine)
            failed |= tally.failed(MOST_MIB << 10)
    if args.json is not None:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps({"seed": seed, "entry_points": figures}, indent=1) + "\n")
    return int(failed)


def _attack(
    name: str, budget: Budget, seed: int, only: list[str] | None
) -> tuple[Tally, dict[str, int]]:
    point, tally, by_engine = load(name), Tally(), {}
    chosen = [e for e in engines.available(point) if only is None or e in only]
    # The seeds themselves, so that what they reach is known to be reached.
    tally.merge(
        run_guarded(point, point.seeds.__getitem__, Budget(inputs=len(point.seeds), seconds=None))
    )
    tally.inputs = 0
    for engine in chosen:
        part = engines.run(name, point, engine, budget.share(len(chosen)), seed)
        by_engine[engine] = part.inputs
        tally.merge(part)
    return tally, by_engine


if __name__ == "__main__":
    sys.exit(main())
