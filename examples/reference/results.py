"""A table of the last figures of several trainings.

    python results.py build/none build/resnet18 --sets BUSI BUS-BRA BUS-UCLM

Each folder is one that train.py wrote; its log has a row for each validation.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

FIGURES = {"dice": "Dice", "auroc": "AUROC", "found": "found", "alarms": "alarms"}


def table(head: str, rows: list[tuple[str, dict[str, float]]], sets: list[str]) -> list[str]:
    """Lines of a table: Dice, AUROC, lesions found and frames with a false region.

    Args:
        head: what the first cells are; " | " is between two.
        rows: the first cells, and the figures as `validate` names them.

    Raises:
        KeyError: a row has no figures of one of the sets.
    """
    columns = [
        (f"{figure}_{number}", f"{name} {where}")
        for number, where in enumerate(sets)
        for figure, name in FIGURES.items()
        if figure != "alarms" or any(f"alarms_{number}" in row for _, row in rows)
    ]
    first = f"| {head} | " + " | ".join(title for _, title in columns) + " |"
    lines = [first, "|---" * (first.count("|") - 1) + "|"]
    for name, row in rows:
        cells = " | ".join(f"{row[key]:.3f}" for key, _ in columns)
        lines.append(f"| {name} | {cells} |")
    return lines


def last(folder: Path) -> tuple[str, dict[str, float]]:
    """A training's name and batches, and the last figures of its log."""
    row = json.loads((folder / "log.json").read_text())[-1]
    return f"{folder.name} | {row['batch']}", row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--sets", nargs="+", required=True, help="the sets' names, in their order")
    args = parser.parse_args()
    missing = [f.name for f in args.folders if not (f / "log.json").is_file()]
    if missing:
        sys.exit(f"no validation is done in {', '.join(missing)}; train on")
    print("\n".join(table("training | batches", [last(f) for f in args.folders], args.sets)))


if __name__ == "__main__":
    main()
