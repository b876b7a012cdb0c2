"""What pretraining and changes of appearance buy, over several seeds and on an unseen scanner.

    python seeds.py --data BUSI BUSBRA --unseen BUS_UCLM --others CLIPS --out build/seeds

Each way to train is `train.py` with a few arguments of its own, and the same number of batches. It
is judged on the validation splits, and on all frames but the test split of the unseen set. A run
that is done is not done again: the command can be stopped and called again, also twice at once with
other --seeds. It ends with a table of mean and standard deviation over the seeds that are done.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import torch

from arguments import parser as training
from frames import Prepared, prepare, together
from sonoedge.errors import SonoedgeError
from stopping import Stop, interrupted, refused
from train import fit
from validate import validate

ARMS = {
    "from scratch": ("--trunk", "none"),
    "`lite0`, pretrained": ("--trunk", "lite0"),
    "the same, `--tone 0`": ("--trunk", "lite0", "--tone", "0"),
    "the same, `--exchange 0.2`": ("--trunk", "lite0", "--exchange", "0.2"),
}
FIGURES = {"dice": "Dice", "auroc": "AUROC", "found": "found", "alarms": "alarms"}


def unseen(folder: Path, size: int, cache: Path) -> Prepared:
    """The set's training and validation frames: nothing is trained on it."""
    return together(*(prepare([folder], split, size, cache) for split in ("train", "val")))


def run(
    arm: tuple[str, ...], seed: int, folder: Path, args: argparse.Namespace, stop: Stop
) -> dict[str, float]:
    """Figures of one training on each validation split, and on the unseen set (`_unseen`)."""
    cache = args.out / "cache"
    words = ["--data", *map(str, args.data), "--out", str(folder), "--cache", str(cache)]
    words += [] if args.others is None else ["--others", str(args.others)]
    words += ["--sizes", str(args.size), "--validations", "1"]
    words += ["--batches", str(args.batches), "--seed", str(seed), "--device", str(args.device)]
    net = fit(training("").parse_args([*words, *arm]), stop=stop)
    row = json.loads((folder / "log.json").read_text())[-1]
    other = validate(net, unseen(args.unseen, args.size, cache), args.device)
    return row | {f"{name.removesuffix('_0')}_unseen": value for name, value in other.items()}


def table(out: Path, seeds: list[int], sets: list[str]) -> list[str]:
    """Mean and standard deviation over the seeds that are done."""
    columns = [
        (f"{figure}_{where}", f"{word} {name}")
        for where, name in ((*enumerate(sets[:-1]), ("unseen", f"{sets[-1]}, unseen")))
        for figure, word in FIGURES.items()
    ]
    rows = {}
    for name in ARMS:
        files = [file for seed in seeds if (file := record(out, name, seed)).exists()]
        if files:
            rows[name] = [json.loads(file.read_text()) for file in files]
    columns = [c for c in columns if all(c[0] in run for runs in rows.values() for run in runs)]
    lines = ["| training | seeds | " + " | ".join(title for _, title in columns) + " |"]
    lines.append("|---" * (len(columns) + 2) + "|")
    for name, runs in rows.items():
        values = np.array([[run[key] for key, _ in columns] for run in runs])
        cells = [f"{mean:.3f}" for mean in values.mean(0)]
        if len(runs) > 1:
            spread = values.std(0, ddof=1)
            cells = [f"{cell} ± {each:.3f}" for cell, each in zip(cells, spread, strict=True)]
        lines.append(f"| {name} | {len(runs)} | {' | '.join(cells)} |")
    return lines


def record(out: Path, name: str, seed: int) -> Path:
    """Where the figures of a run are kept."""
    return out / f"arm{list(ARMS).index(name)}-seed{seed}" / "figures.json"


def main() -> None:
    own = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add = own.add_argument
    add("--data", type=Path, nargs="+", required=True, metavar="FOLDER", help="sets to train on")
    add("--unseen", type=Path, required=True, metavar="FOLDER", help="a set of another scanner")
    add("--others", type=Path, help="folder with the clips of out_of_scope.json")
    add("--out", type=Path, required=True)
    add("--batches", type=int, default=400)
    add("--size", type=int, default=128, help="pixels")
    add("--seeds", type=int, nargs="+", default=[1, 2, 3])
    add("--device", type=torch.device, default="cuda" if torch.cuda.is_available() else "cpu")
    args = own.parse_args()
    torch.set_flush_denormal(True)
    cv2.setNumThreads(1)
    stop = Stop()
    try:
        with stop.heard():
            for seed in args.seeds:  # a stopped table has all arms of the first seeds
                for name, arm in ARMS.items():
                    file = record(args.out, name, seed)
                    if file.exists():
                        continue
                    file.parent.mkdir(parents=True, exist_ok=True)
                    figures = run(arm, seed, file.parent, args, stop)
                    new = file.with_suffix(".new")
                    new.write_text(json.dumps(figures, indent=1))
                    new.replace(file)
    except KeyboardInterrupt:
        interrupted()
    except SonoedgeError as error:
        refused(error)
    print("\n".join(table(args.out, args.seeds, [f.name for f in (*args.data, args.unseen)])))


if __name__ == "__main__":
    main()
