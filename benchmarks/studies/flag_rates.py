"""What the temporal flag gains over judging each frame alone.

    python -m studies.flag_rates BUNDLE FOLDER [--variant ID] [--json FILE]

FOLDER holds a frames.json with masks. Over each still one pan is made at 30 frames per
second; both flags are read from the same analyses. A flag is wanted while at least half
of a lesion with a positive label is in view; every rise of a flag at another moment is
false. The stills are judged by their labels, so a network that is wrong about a still is
wrong about it with either flag.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

import sonoedge
from sonoedge import EngineOptions
from sonoedge.bundle import read_bundle
from sonoedge.errors import InvalidData, SonoedgeError
from sonoedge.terminal.progress import Progress
from studies.pan import Pan, Picture, pan

FPS: Final = 30
IN_VIEW: Final = 0.5
NAMES: Final = {"frame": "frame by frame", "temporal": "temporal flag"}


@dataclass(slots=True, kw_only=True)
class Count:
    """What one kind of flag did.

    Attributes:
        delays_s: from the lesion's coming into view to the flag, of those flagged.
        missed: positive pans whose flag never rose while it was wanted.
        changes: how often the flag changed.
        false_rises: rises while no flag was wanted.
        up_wanted, up_unwanted: frames with the flag up.
    """

    delays_s: list[float] = field(default_factory=list)
    missed: int = 0
    changes: int = 0
    false_rises: int = 0
    raised_due: int = 0
    raised_not_due: int = 0

    def add(self, due: Sequence[bool], raised: Sequence[bool]) -> None:
        """Count one pan; the flag is down before its first frame."""
        before = False
        for is_due, is_up in zip(due, raised, strict=True):
            self.changes += is_up != before
            self.false_rises += is_up and not before and not is_due
            self.raised_due += is_up and is_due
            self.raised_not_due += is_up and not is_due
            before = is_up
        if any(due):
            first = due.index(True)
            hits = [
                i
                for i, (is_due, is_up) in enumerate(zip(due, raised, strict=True))
                if is_due and is_up
            ]
            if hits:
                self.delays_s.append((hits[0] - first) / FPS)
            else:
                self.missed += 1


def stills(folder: Path) -> Iterator[tuple[Picture, Picture, str]]:
    """(picture, mask, label) of each entry of a frames.json that has a mask.

    Raises:
        InvalidData: it cannot be read.
    """
    try:
        rows = json.loads((folder / "frames.json").read_text(encoding="utf-8"))["frames"]
        for row in rows:
            if row.get("mask"):
                files = (str(folder / row[name]) for name in ("image", "mask"))
                picture, mask = (cv2.imread(file, cv2.IMREAD_GRAYSCALE) for file in files)
                if picture is None or mask is None:
                    raise InvalidData(f"{row['image']} or its mask cannot be read")
                yield (
                    np.asarray(picture, dtype=np.uint8),
                    np.asarray(mask, dtype=np.uint8),
                    row["label"],
                )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidData(f"{folder.name}/frames.json: {type(error).__name__}: {error}") from None


def flag_rates(
    analyser: sonoedge.Analyser,
    positive: Sequence[str],
    data: Sequence[tuple[Picture, Picture, str]],
    settings: Pan,
    seed: int = 0,
) -> dict[str, Any]:
    """Both flags over one pan per still.

    Raises:
        InvalidData: there is no still, or a frame is not analysed.
    """
    if not data:
        raise InvalidData("there is no still with a mask")
    counts = {name: Count() for name in NAMES}
    progress, frames, due_frames = Progress(len(data)), 0, 0
    for number, (still, mask, label) in enumerate(data):
        due: list[bool] = []
        raised: dict[str, list[bool]] = {name: [] for name in NAMES}
        # The recording's own time: the tracker's gap must not depend on this machine.
        for view in pan(still, mask, settings, np.random.default_rng([seed, number])):
            frame = sonoedge.Frame(pixels=view.pixels, captured_ns=len(due) * 10**9 // FPS)
            result = analyser.analyse(frame, stream=number)
            if not isinstance(result, sonoedge.Analysed):
                reasons = ", ".join(reason.value for reason in result.reasons)
                raise InvalidData(f"a frame of still {number} is not analysed: {reasons}")
            due.append(label in positive and view.visible >= IN_VIEW)
            raised["frame"].append(result.flagged)
            raised["temporal"].append(bool(result.temporal_flag))
        analyser.forget(number)
        for name, count in counts.items():
            count.add(due, raised[name])
        frames, due_frames = frames + len(due), due_frames + sum(due)
        progress.show(number + 1, "pans")
    progress.clear()
    return {
        "bundle_id": analyser.origin.bundle_id,
        "variant": analyser.origin.variant,
        "stills": len(data),
        "positive_stills": sum(label in positive for _, _, label in data),
        "frames": frames,
        "flags": {name: _row(count, frames, due_frames) for name, count in counts.items()},
    }


def _row(count: Count, frames: int, due: int) -> dict[str, float | int | None]:
    delays, not_due = count.delays_s, frames - due
    return {
        "time_to_flag_s_p50": float(np.percentile(delays, 50)) if delays else None,
        "time_to_flag_s_p90": float(np.percentile(delays, 90)) if delays else None,
        "flagged_pans": len(delays),
        "missed_pans": count.missed,
        "changes_per_s": count.changes * FPS / frames,
        "false_flags_per_min": count.false_rises * FPS * 60 / not_due if not_due else None,
        "up_share_wanted": count.raised_due / due if due else None,
        "up_share_unwanted": count.raised_not_due / not_due if not_due else None,
    }


def table(report: dict[str, Any]) -> str:
    """The report as Markdown."""
    lines = [
        f"{report['stills']} pans ({report['positive_stills']} over positive stills), "
        f"{report['frames']} frames, {report['variant']} of {report['bundle_id']}",
        "",
        "| | " + " | ".join(NAMES.values()) + " |",
        "|---|" + "---|" * len(NAMES),
    ]
    rows = {
        "positive pans flagged": ("flagged_pans", "{:d}"),
        "positive pans missed": ("missed_pans", "{:d}"),
        "time to flag, median (s)": ("time_to_flag_s_p50", "{:.2f}"),
        "time to flag, 90 % (s)": ("time_to_flag_s_p90", "{:.2f}"),
        "flag changes per second": ("changes_per_s", "{:.2f}"),
        "false flags per minute": ("false_flags_per_min", "{:.1f}"),
        "up, of frames where wanted": ("up_share_wanted", "{:.1%}"),
        "up, of frames where not": ("up_share_unwanted", "{:.1%}"),
    }
    for label, (key, form) in rows.items():
        values = (report["flags"][name][key] for name in NAMES)
        cells = ("-" if value is None else form.format(value) for value in values)
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m studies.flag_rates")
    parser.add_argument("bundle", metavar="BUNDLE")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--variant", metavar="ID")
    parser.add_argument("--frames", type=int, default=Pan().frames, help="of one pan")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", metavar="FILE", help="write the figures too")
    args = parser.parse_args(argv)
    try:
        positive = read_bundle(args.bundle).manifest.postprocess.positive
        with sonoedge.open(args.bundle, EngineOptions(variant=args.variant)) as analyser:
            data = list(stills(args.folder))
            report = flag_rates(analyser, positive, data, Pan(frames=args.frames), args.seed)
    except SonoedgeError as error:
        print(f"flag_rates: {error.token}: {error}", file=sys.stderr)
        return error.exit_code
    if args.json:
        Path(args.json).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(table(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())
