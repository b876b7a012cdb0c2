"""Compress every network of the table and write docs/explanation/networks.md.

    python examples/networks/run.py [--only NAME ...] [--out FOLDER] [--again]

One JSON file per network in FOLDER/rows; a network that has one is not made again. Each
step of a network runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

from build import build, prune_built, three_classes
from families import FAMILIES
from table import write_table
from timing import timed

from sonoedge.settings import plain
from sonoedge_bench.machine import machine

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> int:
    """Run what is missing, then write the table of what there is."""
    parser = argparse.ArgumentParser(
        description="Compress the networks of docs/explanation/networks.md."
    )
    parser.add_argument("--only", nargs="+", default=list(FAMILIES), choices=list(FAMILIES))
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "networks")
    parser.add_argument("--step", choices=["all", "build", "prune", "time", "table"], default="all")
    parser.add_argument("--again", action="store_true", help="also what is there already")
    args = parser.parse_args()
    rows = args.out / "rows"
    rows.mkdir(parents=True, exist_ok=True)
    failed = []
    for key in args.only:
        if args.step == "build":
            made = build(key, FAMILIES[key], args.out / key)
            row = {"unpruned": made, "machine": plain(machine())}
            if not FAMILIES[key].segments:
                row["three"] = three_classes(key, FAMILIES[key], args.out / key)
            _write(rows / f"{key}.json", row)
        elif args.step == "prune":
            row = json.loads((rows / f"{key}.json").read_text())
            row |= prune_built(key, FAMILIES[key], args.out / key)
            _write(rows / f"{key}.json", row)
        elif args.step == "time":
            row = json.loads((rows / f"{key}.json").read_text())
            row |= {"timing": timed(args.out / key), "machine": plain(machine())}
            _write(rows / f"{key}.json", row)
        elif args.step == "all" and not _whole(rows / f"{key}.json", args.again):
            steps = [_step(step, key, args.out) for step in _steps(key)]
            failed += [key] if any(steps) else []
            shutil.rmtree(args.out / key, ignore_errors=True)
    if args.step in ("all", "table"):
        write_table(rows, ROOT / "docs/explanation/networks.md")
    if failed:
        print(f"not made: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _steps(key: str) -> tuple[str, ...]:
    return ("build", "time") if FAMILIES[key].from_onnx else ("build", "prune", "time")


def _step(step: str, key: str, out: Path) -> int:
    words = [sys.executable, __file__, "--only", key, "--out", str(out), "--step", step]
    print(f"{key}: {step}", file=sys.stderr)
    return subprocess.run(words, check=False).returncode


def _whole(file: Path, again: bool) -> bool:
    return not again and file.is_file() and "timing" in json.loads(file.read_text())


def _write(file: Path, row: dict[str, object]) -> None:
    file.write_text(json.dumps(row, indent=1, allow_nan=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
