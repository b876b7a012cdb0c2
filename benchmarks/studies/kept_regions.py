"""Measured regions on disk, so that a study need not analyse thousands of frames again."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from sonoedge_export.heads.regions import MeasuredFrames
from sonoedge_export.heads.rows import Rows

Kept = dict[tuple[Path, str | None], MeasuredFrames]
COLUMNS: Final = ("measures", "found", "malignant", "suspicion", "patients", "frames")


def write_kept(file: Path, kept: Kept) -> None:
    """Write them, each set under its file and split."""
    arrays: dict[str, Any] = {}
    for number, ((source, split), measured) in enumerate(kept.items()):
        arrays[f"{number}.source"] = np.array([str(source), split or ""])
        arrays[f"{number}.not_analysed"] = np.array(measured.not_analysed)
        for part in ("regions", "frames"):
            rows: Rows = getattr(measured, part)
            arrays[f"{number}.{part}.names"] = np.array(rows.names)
            for column in COLUMNS:
                arrays[f"{number}.{part}.{column}"] = getattr(rows, column)
    np.savez_compressed(file, **arrays)


def read_kept(file: Path) -> Kept:
    """What `write_kept` wrote; nothing where there is no such file."""
    kept: Kept = {}
    if not file.exists():
        return kept
    with np.load(file, allow_pickle=False) as arrays:
        number = 0
        while f"{number}.source" in arrays:
            source, split = arrays[f"{number}.source"].tolist()
            kept[Path(source), split or None] = MeasuredFrames(
                regions=_rows(arrays, f"{number}.regions"),
                frames=_rows(arrays, f"{number}.frames"),
                not_analysed=int(arrays[f"{number}.not_analysed"]),
            )
            number += 1
    return kept


def _rows(arrays: Any, key: str) -> Rows:
    columns = {name: arrays[f"{key}.{name}"] for name in COLUMNS}
    return Rows(names=tuple(arrays[f"{key}.names"].tolist()), **columns)
