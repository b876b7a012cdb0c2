"""What a replay gave, in lines for a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sonoedge.bundle.names import printable
from sonoedge.outputs.wording import counted
from sonoedge.recording.changes import Changes
from sonoedge.recording.document import Document
from sonoedge.recording.replay import Replay

_MOST_FRAMES: Final = 20
_MOST_VALUES: Final = 5


def lines(replay: Replay, document: Document) -> Iterator[str]:
    """The verdict first, then what differs."""
    reasons = ", ".join(dict.fromkeys(trigger.reason for trigger in document.triggers))
    yield printable(f"{replay.name}   {reasons}   {counted(replay.frames, 'frame')}")
    yield f"  {_verdict(replay)}"
    for name, recorded, here in replay.machine:
        yield printable(f"  another machine: {name} was {recorded}, is {here}")
    if replay.out_of_step:
        yield (
            f"  what was remembered before the clip is doubtful: {replay.out_of_step} answers of "
            "the session were out of step"
        )
    for found in replay.differing[:_MOST_FRAMES]:
        values = [f"{d.key} {d.recorded} -> {d.now}" for d in found.differences[:_MOST_VALUES]]
        more = len(found.differences) - len(values)
        values += [f"and {more} more"] if more else []
        yield printable(f"  frame {found.frame}: {'; '.join(values)}")
    if len(replay.differing) > _MOST_FRAMES:
        yield f"  and {len(replay.differing) - _MOST_FRAMES} frames more"
    for outcome, count in replay.unanswered.items():
        yield printable(f"  no engine had answered {counted(count, 'frame')}: {outcome}")
    for frame, then, now in replay.asked_again:
        yield printable(f"  frame {frame} had no answer then ({then}); now: {now}")
    if replay.changes is not None:
        yield from _changes(replay.changes)


def _verdict(replay: Replay) -> str:
    if not replay.same_bundle:
        return printable(f"against another bundle, {replay.bundle_id}")
    answers = counted(replay.answered, "answer")
    if not replay.answered:
        return "nothing to compare: no engine had answered a frame"
    if replay.bit_identical:
        return f"bit-identical: {answers}"
    if replay.differing:
        return f"DIFFERS: {len(replay.differing)} of {answers}"
    near = replay.answered - replay.identical
    return f"within the golden tolerance: {near} of {answers} not bit-identical"


def _changes(changes: Changes) -> Iterator[str]:
    yield f"  compared {counted(changes.compared, 'frame')} that both analysed"
    for what, frames in (
        ("flags gained", changes.flags_gained),
        ("flags lost", changes.flags_lost),
        ("temporal flag gained", changes.temporal_gained),
        ("temporal flag lost", changes.temporal_lost),
        ("outcome changed", changes.outcomes_changed),
    ):
        listed = ", ".join(map(str, frames[:_MOST_FRAMES]))
        more = ", ..." if len(frames) > _MOST_FRAMES else ""
        yield f"  {what:21} {len(frames)}" + (f"   frames {listed}{more}" if frames else "")
    if changes.temporal_from is None:
        yield "  temporal flag not compared: the clip is shorter than the tracks need"
    else:
        yield f"  temporal flag compared from frame {changes.temporal_from} on: tracks begin anew"
    if changes.iou is not None:
        yield f"  regions overlap (IoU) {changes.iou:.3f} on average"
    if changes.suspicion is not None:
        largest, mean = changes.suspicion
        yield f"  suspicion now - then: mean {mean:+.4f}, largest {largest:+.4f}"
