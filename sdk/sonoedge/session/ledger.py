"""Every frame has exactly one outcome, and the counts add up at every moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sonoedge.analysis import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """What became of the frames, at one moment.

    Always: submitted = analysed + sum(not_analysed.values()) + superseded + in_flight.

    Attributes:
        submitted: frames given to `submit`.
        analysed: analysed in time.
        not_analysed: by the first of their reasons, as a token.
        superseded: overtaken by a newer frame of their stream: before they were analysed,
            or while the callback was still busy with an older result.
        in_flight: waiting, being analysed, or waiting for the callback.
    """

    submitted: int
    analysed: int
    not_analysed: Mapping[str, int]
    superseded: int
    in_flight: int

    @property
    def balanced(self) -> bool:
        """Whether they add up; False would be a fault of ours."""
        settled = self.analysed + sum(self.not_analysed.values()) + self.superseded
        return self.submitted == settled + self.in_flight


class Ledger:
    """The open frames and the counts. Not thread-safe: a session's lock guards it."""

    def __init__(self) -> None:
        self._open: set[int] = set()
        self._submitted = self._analysed = self._superseded = 0
        self._not_analysed: dict[str, int] = {}

    def open(self) -> int:
        """A new frame's id; they count from 0."""
        frame_id = self._submitted
        self._submitted += 1
        self._open.add(frame_id)
        return frame_id

    def analysed(self, frame_id: int) -> bool:
        """Settle a frame as analysed; False if it had its outcome before."""
        if not self._close(frame_id):
            return False
        self._analysed += 1
        return True

    def not_analysed(self, frame_id: int, reason: Reason) -> bool:
        """Settle a frame as not analysed; False if it had its outcome before."""
        if not self._close(frame_id):
            return False
        self._not_analysed[reason.value] = self._not_analysed.get(reason.value, 0) + 1
        return True

    def superseded(self, frame_id: int) -> bool:
        """Settle a frame as superseded; False if it had its outcome before."""
        if not self._close(frame_id):
            return False
        self._superseded += 1
        return True

    def __len__(self) -> int:
        """How many frames are in flight."""
        return len(self._open)

    @property
    def still_open(self) -> tuple[int, ...]:
        """Ids of the frames in flight, oldest first."""
        return tuple(sorted(self._open))

    def counters(self) -> Counters:
        """The counts as they stand; `in_flight` is counted, not calculated."""
        return Counters(
            submitted=self._submitted,
            analysed=self._analysed,
            not_analysed=dict(self._not_analysed),
            superseded=self._superseded,
            in_flight=len(self._open),
        )

    def _close(self, frame_id: int) -> bool:
        if frame_id not in self._open:
            return False
        self._open.remove(frame_id)
        return True
