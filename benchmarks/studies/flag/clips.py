"""Moving pictures of labelled stills: a pan over each, and the sweeps of sets that have them."""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import cv2
import numpy as np

from sonoedge.errors import InvalidData
from studies.pan import Pan, Picture, pan

FPS: Final = 30
IN_VIEW: Final = 0.5  # share of a lesion from which on a flag is wanted
Row = dict[str, Any]  # of a frames.json


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One clip, made when it is asked for.

    Attributes:
        kind: "pan" over one still, or "sweep" through several.
        group: what its figures are counted under.
        folder, rows: the set's, and its stills.
        positive: a flag is wanted while a lesion is in view.
        seed: of a pan's tremor and grain.
        sweep_fps: how fast a sweep's frames follow on each other.
    """

    kind: Literal["pan", "sweep"]
    name: str
    group: str
    folder: Path
    rows: tuple[tuple[str, str], ...]  # (image, mask)
    positive: bool = False
    seed: int = 0
    sweep_fps: float = 5.0

    @property
    def identity(self) -> str:
        """A text that another clip does not have."""
        values = (self.kind, self.name, self.rows, self.positive, self.seed, self.sweep_fps, Pan())
        return repr(values)

    def frames(self) -> Iterator[tuple[Picture, int, bool]]:
        """(uint8 pixels (H, W), time in nanoseconds, a flag is wanted) of each frame.

        Raises:
            InvalidData: a still cannot be read.
        """
        if self.kind == "sweep":
            for number, (image, _) in enumerate(self.rows):
                yield _grey(self.folder / image), round(number * 1e9 / self.sweep_fps), False
            return
        ((image, mask),) = self.rows
        views = pan(
            _grey(self.folder / image),
            _grey(self.folder / mask),
            Pan(),
            np.random.default_rng([self.seed, zlib.crc32(image.encode())]),
        )
        for number, view in enumerate(views):
            wanted = self.positive and view.visible >= IN_VIEW
            yield view.pixels, number * 10**9 // FPS, wanted


def pans(folder: Path, split: str, positive: Sequence[str], most: int, seed: int) -> list[Clip]:
    """Pans over stills of one split, or over all of a set that has none: at most so many positive
    ones, and as many others, drawn by chance."""
    chosen: list[tuple[Row, bool]] = []
    rows = [row for row in _rows(folder) if row.get("split") in (split, None) and row.get("mask")]
    for is_positive in (True, False):
        rng = np.random.default_rng(seed)
        group = [row for row in rows if (row["label"] in positive) == is_positive]
        # The first of one order: asking for more keeps those that were drawn before.
        chosen += [(group[i], is_positive) for i in rng.permutation(len(group))[:most]]
    return [
        Clip(
            kind="pan",
            name=f"{folder.name}/{row['image']}",
            group=folder.name,
            folder=folder,
            rows=((row["image"], row["mask"]),),
            positive=is_positive,
            seed=seed,
        )
        for row, is_positive in chosen
    ]


def sweeps(folder: Path, split: str, sweep_fps: float) -> list[Clip]:
    """Each patient's frames without a lesion, in the set's order; none where no row names one."""
    of_patient: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in _rows(folder):
        if row.get("split") == split and row["label"] == "normal" and row.get("patient"):
            of_patient[row["patient"]].append((row["image"], ""))
    return [
        Clip(
            kind="sweep",
            name=f"{folder.name}/{patient}",
            group=f"{folder.name}, normal sweeps",
            folder=folder,
            rows=tuple(rows),
            sweep_fps=sweep_fps,
        )
        for patient, rows in of_patient.items()
    ]


def _rows(folder: Path) -> list[Row]:
    try:
        rows = json.loads((folder / "frames.json").read_text(encoding="utf-8"))["frames"]
        return [row for row in rows if row["image"] and row["label"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidData(f"{folder.name}/frames.json: {type(error).__name__}: {error}") from None


def _grey(file: Path) -> Picture:
    picture = cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise InvalidData(f"{file.name} cannot be read")
    return np.asarray(picture, dtype=np.uint8)
