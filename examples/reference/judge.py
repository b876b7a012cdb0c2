"""A table of weights by the threshold of the outline, on the validation splits.

    python judge.py --data BUSI BUSBRA BUS_UCLM --cache build/cache build/a/batch000400.safetensors

The figures are those of results.py; no test split is read.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch

from frames import Prepared, prepare
from results import table
from sonoedge.errors import SonoedgeError
from teachers import trained
from validate import figures, maps

THRESHOLDS = (0.5, 0.35, 0.25)


def rows(
    file: Path, data: Prepared, thresholds: tuple[float, ...], device: torch.device
) -> list[tuple[str, dict[str, float]]]:
    """The weights' figures at each threshold, the network being asked once.

    Raises:
        InvalidNetwork: see `trained`.
    """
    answers = maps(trained([file]).networks[0].to(device), data, device)
    return [(f"{file.name} | {t:.2f}", figures(answers, data, t)) for t in thresholds]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add = parser.add_argument
    add("weights", type=Path, nargs="+", metavar="FILE")
    add("--data", type=Path, nargs="+", required=True, metavar="FOLDER")
    add("--cache", type=Path, required=True, help="folder for the prepared frames")
    add("--size", type=int, default=256, help="pixels")
    add("--threads", type=int, help="processor threads; as many as there are cores if not given")
    add("--device", type=torch.device, default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args()
    torch.set_flush_denormal(True)
    if args.threads is not None:
        torch.set_num_threads(args.threads)
    try:
        data = prepare(args.data, "val", args.size, args.cache)
        every = [r for f in args.weights for r in rows(f, data, THRESHOLDS, args.device)]
    except SonoedgeError as error:
        sys.exit(f"{error.token}: {error}")
    print("\n".join(table("weights | threshold", every, [f.name for f in args.data])))


if __name__ == "__main__":
    main()
