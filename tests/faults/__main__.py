"""python -m faults calls|kills|power: interrupt updates of a store; exit code 1 if one was lost."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

from faults import injector

BUILD = Path(__file__).parents[2] / "build" / "faults"


def main() -> int:
    """Interrupt, print what came of it, and tell by the exit code."""
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("what", choices=("calls", "kills", "power"), help="what interrupts")
    parser.add_argument("--every", type=int, default=1, help="calls, power: every so manieth one")
    parser.add_argument("--runs", type=int, default=1000, help="kills: how many")
    parser.add_argument("--seed", type=int, default=1, help="kills: of the moments")
    parser.add_argument("--folder", type=Path, default=BUILD, help="where to work: build/faults")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    injector.preload(args.folder)
    with tempfile.TemporaryDirectory(dir=args.folder, ignore_cleanup_errors=True) as name:
        outcomes = _interrupt(args, Path(name))
    bad = {outcome: count for outcome, count in outcomes.items() if outcome.startswith("BAD")}
    for outcome in bad:
        print(outcome, file=sys.stderr)
    return 1 if bad else 0


def _interrupt(args: argparse.Namespace, folder: Path) -> Counter[str]:
    from faults import calls, kills, power

    if args.what == "calls":
        return calls.strike_all(folder, args.every)
    if args.what == "kills":
        return kills.kill_all(folder, args.runs, args.seed)
    reason = power.why_not()
    if reason:
        print(f"skipped: the power cannot be cut here: {reason}")
        return Counter()
    (folder / "control").mkdir()
    control = power.cut_all(folder / "control", every=4, fsync=False)
    if not any(outcome.startswith("BAD") for outcome in control):
        return Counter({"BAD: the control, without fsync, lost nothing: this proves nothing": 1})
    (folder / "cut").mkdir()
    return power.cut_all(folder / "cut", args.every)


if __name__ == "__main__":
    sys.exit(main())
