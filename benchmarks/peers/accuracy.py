"""How right each peer's regions are: beside the labels, and beside ours. Nothing is timed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from peer import Peer
from pictures import filled
from subject import Regions

from frames import Labelled
from sonoedge_export.evaluation.metrics import dice


@dataclass(slots=True)
class Tally:
    """Of one peer, over all frames.

    Attributes:
        regions: how many there were.
        dice: of each frame that has a lesion.
        flags, same: frames that the reference graded; those of them with the same flag.
        graded: whether the peer graded any frame.
        common_px, either_px: pixels within the peer's regions and the reference's; within any.
    """

    regions: int = 0
    dice: list[float] = field(default_factory=list)
    flags: int = 0
    same: int = 0
    graded: bool = False
    common_px: int = 0
    either_px: int = 0

    @property
    def dice_mean(self) -> float | None:
        """None where no frame has a lesion."""
        return float(np.mean(self.dice)) if self.dice else None

    @property
    def iou(self) -> float | None:
        """Of the pixels inside the regions of all frames; None where there are none."""
        return self.common_px / self.either_px if self.either_px else None

    @property
    def flags_same(self) -> float | None:
        """Share of the frames; None where the peer, or the reference, grades nothing."""
        return self.same / self.flags if self.graded and self.flags else None

    def add(self, regions: Regions, reference: Regions, lesion: npt.NDArray[np.bool_]) -> None:
        """Count one frame, whose lesions are True in bool (H, W)."""
        shape = (lesion.shape[0], lesion.shape[1])
        inside, ours = filled(regions.outlines, shape), filled(reference.outlines, shape)
        self.regions += len(regions.outlines)
        self.common_px += int((inside & ours).sum())
        self.either_px += int((inside | ours).sum())
        if lesion.any():
            self.dice.append(dice(inside, lesion))
        self.graded |= regions.flagged is not None
        if reference.flagged is not None:
            self.flags += 1
            self.same += regions.flagged == reference.flagged


def judge(
    peers: Sequence[Peer], frames: Sequence[Labelled], shown: Callable[[int], None]
) -> list[Tally]:
    """One tally for each peer; the first of them is the reference.

    Args:
        shown: is told how many frames are done.
    """
    tallies = [Tally() for _ in peers]
    for number, frame in enumerate(frames, start=1):
        answers = [peer.regions(frame.pixels) for peer in peers]
        for tally, answer in zip(tallies, answers, strict=True):
            tally.add(answer, answers[0], frame.lesion)
        shown(number)
    return tallies
