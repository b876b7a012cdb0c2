"""What the network answered in every frame of moving pictures, kept in a file.

The temporal flag is made of these answers alone. So its rule is chosen, and judged, without
asking an engine again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

import sonoedge
from sonoedge import NotAnalysed
from sonoedge.terminal.progress import Progress
from studies.flag.clips import FPS, Clip

Found = tuple[int, int, int, int, float]  # a region's box, (x0, y0, x1, y1), and its suspicion


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One frame.

    Attributes:
        at_ns: its time.
        wanted: a flag is wanted.
        reason: why it was not analysed; "" where it was.
        flagged: the frame's own flag.
        regions: of an analysed frame.
    """

    at_ns: int
    wanted: bool
    reason: str
    flagged: bool
    regions: tuple[Found, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredClip:
    """One clip: its name, group, and frames."""

    name: str
    group: str
    frames: tuple[Answered, ...]


def answered(
    analyser: sonoedge.Analyser, clips: Sequence[Clip], kept: Path
) -> tuple[AnsweredClip, ...]:
    """The answers to all frames of the clips, from the file if it is of the same.

    Args:
        analyser: that tracks nothing.
        kept: folder of such files, which is made.
    """
    origin = analyser.origin
    names = "\n".join((origin.bundle_id, origin.variant, *(clip.identity for clip in clips)))
    file = kept / f"{hashlib.sha256(names.encode()).hexdigest()[:16]}.json"
    if file.exists():
        return tuple(_read(json.loads(file.read_text(encoding="utf-8"))))
    progress, answers = Progress(len(clips)), []
    for number, clip in enumerate(clips):
        frames = tuple(_ask(analyser, clip, number))
        analyser.forget(number)
        answers.append(AnsweredClip(name=clip.name, group=clip.group, frames=frames))
        progress.show(number + 1, "clips")
    progress.clear()
    kept.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(json.dumps([asdict(answer) for answer in answers]), encoding="utf-8")
    part.replace(file)
    return tuple(answers)


def _ask(analyser: sonoedge.Analyser, clip: Clip, number: int) -> Iterator[Answered]:
    for pixels, at_ns, wanted in clip.frames():
        result = analyser.analyse(sonoedge.Frame(pixels=pixels, captured_ns=at_ns), stream=number)
        is_lost = isinstance(result, NotAnalysed)
        yield Answered(
            at_ns=at_ns,
            wanted=wanted,
            reason=result.reasons[0].value if isinstance(result, NotAnalysed) else "",
            flagged=not is_lost and result.flagged,
            regions=()
            if isinstance(result, NotAnalysed)
            else tuple((*region.box_px, region.suspicion) for region in result.regions),
        )


def _read(rows: list[dict[str, Any]]) -> Iterator[AnsweredClip]:
    for row in rows:
        frames = tuple(
            Answered(**{**frame, "regions": tuple(tuple(r) for r in frame["regions"])})
            for frame in row["frames"]
        )
        yield AnsweredClip(name=row["name"], group=row["group"], frames=frames)
