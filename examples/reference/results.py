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


def table(folders: list[Path], sets: list[str]) -> list[str]:
    """Lines of a table: Dice, AUROC, lesions found and frames with a false region.

    Raises:
        KeyError: a log has no figures of one of the sets.
    """
    rows = [json.loads((folder / "log.json").read_text())[-1] for folder in folders]
    columns = [
        (f"{figure}_{number}", f"{name} {where}")
        for number, where in enumerate(sets)
        for figure, name in FIGURES.items()
        if figure != "alarms" or any(f"alarms_{number}" in row for row in rows)
    ]
    lines = [
        "| training | batches | " + " | ".join(title for _, title in columns) + " |",
        "|---" * (len(columns) + 2) + "|",
    ]
    for folder, row in zip(folders, rows, strict=True):
        cells = " | ".join(f"{row[key]:.3f}" for key, _ in columns)
        lines.append(f"| {folder.name} | {row['batch']} | {cells} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--sets", nargs="+", required=True, help="the sets' names, in their order")
    args = parser.parse_args()
    missing = [f.name for f in args.folders if not (f / "log.json").is_file()]
    if missing:
        sys.exit(f"no validation is done in {', '.join(missing)}; train on")
    print("\n".join(table(args.folders, args.sets)))


if __name__ == "__main__":
    main()
