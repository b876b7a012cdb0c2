"""How often the guard stops what it must, and what it must not.

    python -m studies.guard_rates FOLDER... [--clips FOLDER] [--simulated N] [--json FILE]

FOLDER holds a frames.json; every frame in it is one that must pass. Clips are counted
by file and have no limit: they may show anything. Exit code 3 where a rate is missed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.errors import InvalidData, SonoedgeError
from sonoedge.frames import Frame
from sonoedge.guard import Guard, GuardSettings, form
from sonoedge.settings import plain
from sonoedge.sources import open_source
from sonoedge.terminal.progress import Progress
from studies.simulated import MUST_STOP

Picture = npt.NDArray[np.uint8]
GATE_FAILED: Final = 3
SCHEMA: Final = "sonoedge-guard-rates-1"
SETTINGS: Final = GuardSettings(frozen_after_ms=None)  # no picture is frozen by itself
WRONGLY: Final = 0.01  # at most this share of good frames is stopped
# At least this share of each kind of simulated pictures is stopped.
STOPPED: Final = {name: 0.95 if name.startswith("air") else 0.99 for name in MUST_STOP}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What the guard said of one set of pictures.

    Attributes:
        reasons: how many were stopped, by token.
        maximum: largest share that may be stopped; None where there is none.
        minimum: smallest share that must be stopped; None where there is none.
    """

    name: str
    frames: int
    reasons: Counter[str]
    maximum: float | None = None
    minimum: float | None = None

    @property
    def share(self) -> float:
        """Stopped pictures over all."""
        return sum(self.reasons.values()) / max(1, self.frames)

    @property
    def met(self) -> bool:
        """The share lies where it must."""
        low = self.minimum is None or self.share >= self.minimum
        return self.frames > 0 and low and (self.maximum is None or self.share <= self.maximum)


def rate(
    name: str,
    pictures: Iterable[Picture],
    *,
    maximum: float | None = None,
    minimum: float | None = None,
    settings: GuardSettings | None = None,
) -> Rate:
    """Judge each picture on its own: no picture is frozen here."""
    settings = SETTINGS if settings is None else settings
    guard, reasons, frames = Guard(settings), Counter[str](), 0
    progress = Progress(None)
    for pixels in pictures:
        frame = Frame(pixels=pixels, captured_ns=0)
        box = (0, 0, pixels.shape[1], pixels.shape[0])
        reason = form(frame, settings) or guard.content(frame, box)
        frames += 1
        progress.show(frames, name)
        if reason is not None:
            reasons[reason.value] += 1
    progress.clear()
    return Rate(name=name, frames=frames, reasons=reasons, maximum=maximum, minimum=minimum)


def as_json(rates: Sequence[Rate]) -> dict[str, Any]:
    """The rates, and the settings that gave them, as `sonoedge evidence --guard` reads them."""
    rows = [
        {
            "name": item.name,
            "frames": item.frames,
            "stopped": sum(item.reasons.values()),
            "share": item.share,
            "reasons": dict(item.reasons),
            "minimum": item.minimum,
            "maximum": item.maximum,
            "met": item.met,
        }
        for item in rates
    ]
    return {"schema": SCHEMA, "settings": plain(SETTINGS), "rates": rows}


def labelled(folder: Path) -> dict[str, list[Path]]:
    """The picture files of a frames.json, by split ("all" where it has none).

    Raises:
        InvalidData: it cannot be read.
    """
    try:
        rows = json.loads((folder / "frames.json").read_text(encoding="utf-8"))["frames"]
        files: dict[str, list[Path]] = {}
        for row in rows:
            files.setdefault(row.get("split") or "all", []).append(folder / row["image"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidData(f"{folder.name}/frames.json: {type(error).__name__}: {error}") from None
    return files


def _pictures(files: Iterable[Path]) -> Iterator[Picture]:
    for file in files:
        pixels = cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)
        if pixels is None:
            raise InvalidData(f"{file.name} cannot be read as a picture")
        yield np.asarray(pixels, dtype=np.uint8)


def _clips(folder: Path) -> Iterator[Rate]:
    kinds = {".mp4", ".mov", ".mpeg", ".mha", ".mhd"}
    for file in sorted(p for p in folder.rglob("*") if p.suffix.lower() in kinds):
        try:
            with open_source(file) as source:
                yield rate(file.name, (frame.pixels for frame in source))
        except SonoedgeError as error:
            print(f"{file.name} is left out: {error}", file=sys.stderr)


def _text(rates: Sequence[Rate]) -> str:
    lines = [f"{'pictures':44} {'number':>7} {'stopped':>9}  {'wanted':9} reasons"]
    for item in rates:
        bound = "" if item.maximum is None else f"<= {item.maximum:.0%}"
        bound = bound if item.minimum is None else f">= {item.minimum:.0%}"
        reasons = ", ".join(f"{name} {n}" for name, n in item.reasons.most_common())
        missed = "" if item.met else "  MISSED"
        head = f"{item.name[:44]:44} {item.frames:7d} {item.share:9.2%}"
        lines.append(f"{head}  {bound:9} {reasons}{missed}")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; returns 3 where a rate is missed."""
    parser = argparse.ArgumentParser(prog="python -m studies.guard_rates")
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--clips", type=Path, metavar="FOLDER", help="clips, counted by file")
    parser.add_argument("--simulated", type=int, default=1000, metavar="N", help="of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rates as JSON")
    args = parser.parse_args(argv)
    cv2.setNumThreads(1)
    rates = []
    try:
        for folder in args.folders:
            for split, files in sorted(labelled(folder).items()):
                rates.append(rate(f"{folder.name}, {split}", _pictures(files), maximum=WRONGLY))
        for number, (name, maker) in enumerate(MUST_STOP.items()):
            rng = np.random.default_rng([args.seed, number])
            simulated = (maker(rng) for _ in range(args.simulated))
            rates.append(rate(name, simulated, minimum=STOPPED[name]))
        if args.clips is not None:
            rates.extend(_clips(args.clips))
    except SonoedgeError as error:
        print(f"guard_rates: {error.token}: {error}", file=sys.stderr)
        return error.exit_code
    print(_text(rates))
    if args.json is not None:
        text = json.dumps(as_json(rates), indent=1, allow_nan=False)
        args.json.write_text(text + "\n", encoding="utf-8")
    return 0 if all(item.met for item in rates) else GATE_FAILED


if __name__ == "__main__":
    sys.exit(main())
