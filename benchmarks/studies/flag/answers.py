"""What the network answered in every frame of moving pictures, kept in a file.

The temporal flag is made of these answers alone. So its rule is chosen, and judged, without
asking an engine again; a run that is cut off goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import sonoedge
from sonoedge import NotAnalysed
from sonoedge.terminal.progress import Progress
from studies.flag.clips import Clip

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
    """One clip's frames, under the name of the group that they are counted in."""

    group: str
    frames: tuple[Answered, ...]


def answered(
    analyser: sonoedge.Analyser, clips: Sequence[Clip], kept: Path
) -> tuple[AnsweredClip, ...]:
    """The answers to all frames of the clips, from the file where it has them.

    Args:
        analyser: that tracks nothing, of a network that draws regions.
        kept: folder of a file for each engine, which is made.
    """
    kept.mkdir(parents=True, exist_ok=True)
    file = kept / f"{analyser.origin.bundle_id}-{analyser.origin.variant}.jsonl"
    known, progress = _known(file), Progress(len(clips))
    with file.open("a", encoding="utf-8") as lines:
        for number, clip in enumerate(clips):
            if _key(clip) not in known:
                frames = known[_key(clip)] = tuple(_ask(analyser, clip))
                row = {"key": _key(clip), "frames": [asdict(frame) for frame in frames]}
                lines.write(json.dumps(row) + "\n")
                lines.flush()
            progress.show(number + 1, "clips")
    progress.clear()
    return tuple(AnsweredClip(group=clip.group, frames=known[_key(clip)]) for clip in clips)


def _key(clip: Clip) -> str:
    return hashlib.sha256(clip.identity.encode()).hexdigest()


def _ask(analyser: sonoedge.Analyser, clip: Clip) -> Iterator[Answered]:
    stream = object()  # no other clip's
    for pixels, at_ns, wanted in clip.frames():
        result = analyser.analyse(sonoedge.Frame(pixels=pixels, captured_ns=at_ns), stream=stream)
        if isinstance(result, NotAnalysed):
            reason, flagged, regions = result.reasons[0].value, False, ()
        else:
            reason, flagged = "", result.flagged
            regions = tuple((*region.box_px, region.suspicion) for region in result.regions)
        yield Answered(at_ns=at_ns, wanted=wanted, reason=reason, flagged=flagged, regions=regions)
    analyser.forget(stream)


def _known(file: Path) -> dict[str, tuple[Answered, ...]]:
    """What the file has; a last line that was cut off is taken out of it."""
    if not file.exists():
        return {}
    data = file.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if whole != data:
        file.write_bytes(whole)
    rows = map(json.loads, whole.splitlines())
    return {row["key"]: tuple(map(_frame, row["frames"])) for row in rows}


def _frame(values: dict[str, Any]) -> Answered:
    return Answered(**{**values, "regions": tuple(tuple(found) for found in values["regions"])})
