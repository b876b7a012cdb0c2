"""All of it, with figures: python -m attacks [--swaps N] [--step N]

Each attack's time and memory, every bit and cut of a signed manifest and its envelope, and swaps
of folders and files during opening. Ends with 1 where something passed, or took too much.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path
from typing import Final

from attacks import races
from attacks.bits import bits_and_cuts
from attacks.device import Device, make_device
from attacks.table import ATTACKS
from sonoedge.errors import SonoedgeError

MOST_MS: Final = 200.0
MOST_BYTES: Final = 64 << 20
REPEATS: Final = 3  # of an attack's time, the best of which counts: the machine does other things


def main() -> int:
    """Print the figures; 1 where one is not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m attacks", description=__doc__)
    parser.add_argument("--swaps", type=int, default=10_000, help="of each kind (10000)")
    parser.add_argument("--step", type=int, default=1, help="only each so-many-th bit and cut (1)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        problems = [*_table(place), *_bits(place, args.step), *_races(place, args.swaps)]
    for problem in problems:
        print(f"FAILED: {problem}", file=sys.stderr)
    return 1 if problems else 0


def _table(place: Path) -> list[str]:
    """Time and memory of each attack."""
    problems: list[str] = []
    slowest, largest = ("", 0.0), ("", 0)
    for number, (name, (attack, error)) in enumerate(ATTACKS.items()):
        times = []
        for repeat in range(REPEATS):
            device = make_device(place / f"{number}-{repeat}")
            attack(device)
            start_ns = time.perf_counter_ns()
            outcome = _outcome(device)
            times.append((time.perf_counter_ns() - start_ns) / 1e6)
        tracemalloc.start()
        _outcome(device)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        slowest = max(slowest, (name, min(times)), key=lambda pair: pair[1])
        largest = max(largest, (name, peak), key=lambda pair: pair[1])
        if outcome != error.token or min(times) > MOST_MS or peak > MOST_BYTES:
            problems.append(f"{name}: {outcome}, {min(times):.1f} ms, {peak / 2**20:.1f} MiB")
    print(
        f"{len(ATTACKS)} attacks: slowest {slowest[1]:.1f} ms ({slowest[0]}), "
        f"most memory {largest[1] / 2**20:.1f} MiB ({largest[0]}), {len(problems)} failed"
    )
    return problems


def _outcome(device: Device) -> str:
    try:
        device.use()
    except SonoedgeError as error:
        return error.token
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        return f"UNTYPED {type(error).__name__}"
    return "PASSED"


def _bits(place: Path, step: int) -> list[str]:
    start = time.monotonic()
    count = bits_and_cuts(make_device(place / "bits"), step)
    print(
        f"{count.attacks:,} bits and cuts of manifest and envelope: {len(count.passed)} passed, "
        f"{time.monotonic() - start:.0f} s"
    )
    return list(count.passed)


def _races(place: Path, swaps: int) -> list[str]:
    kinds = {
        "two trusted folders": lambda d: races.folders(d, swaps, trusted=True),
        "a trusted and a stranger's folder": lambda d: races.folders(d, swaps, trusted=False),
        "two files": lambda d: races.files(d, swaps),
    }
    allowed = {"two trusted folders": set(), "two files": {"DIGEST_MISMATCH"}}
    problems = []
    for number, (name, run) in enumerate(kinds.items()):
        race = run(make_device(place / f"race-{number}"))
        print(
            f"{race.swaps:,} swaps of {name}: {sum(race.opened.values()):,} openings of "
            f"{len(race.opened)} bundles, refused {race.refused or 'none'}"
        )
        both = 2 if name == "two trusted folders" else 1
        if len(race.opened) != both or set(race.refused) - allowed.get(name, {"KEY_UNKNOWN"}):
            problems.append(f"swaps of {name}: {race}")
    return problems


if __name__ == "__main__":
    sys.exit(main())
