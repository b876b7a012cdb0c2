"""When a clip is written: a flag that goes up, or something that fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from sonoedge.analysis import Analysed, Reason
from sonoedge.recording.moment import Moment
from sonoedge.session.states import State, Status

Kind = Literal["flag", "fault"]

# Outcomes that are a fault of the engine or of ours, and none of the picture or of the load.
FAULTS: Final = (
    Reason.DEADLINE_MISSED,
    Reason.ENGINE_CRASHED,
    Reason.ENGINE_FAILED,
    Reason.ENGINE_OUTPUT_INVALID,
    Reason.INTERNAL_ERROR,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """Why a clip was written.

    Attributes:
        kind: "flag" or "fault".
        reason: a token: FRAME_FLAG (a frame is flagged and the one before was not),
            TEMPORAL_FLAG (the flag over frames went up), a frame's reason, or a state's.
        at_ns: when, by the session's clock.
        frame: the frame's id; None where it was none.
    """

    kind: Kind
    reason: str
    at_ns: int
    frame: int | None = None


class Triggers:
    """Sees what begins; what lasts is no trigger."""

    def __init__(self) -> None:
        self._last: dict[str, frozenset[str]] = {}
        self._deaths = 0
        self._faulty = False

    def of_moment(self, moment: Moment) -> list[Trigger]:
        """What begins with a frame."""
        present = _present(moment)
        if present is None:
            return []
        new = present - self._last.get(moment.stream, frozenset())
        self._last[moment.stream] = present
        return [
            Trigger(
                kind="flag" if reason.endswith("_FLAG") else "fault",
                reason=reason,
                at_ns=moment.at_ns,
                frame=moment.frame_id,
            )
            for reason in sorted(new)
        ]

    def of_status(self, status: Status) -> list[Trigger]:
        """What begins with a state: the engine is replaced, or FAULT is latched."""
        faulty = status.state is State.FAULT
        died = status.deaths > self._deaths
        begins = died or (faulty and not self._faulty)
        self._deaths, self._faulty = status.deaths, faulty
        if not begins:
            return []
        reason = status.reasons[0] if status.reasons else "ENGINE_REPLACED"
        return [Trigger(kind="fault", reason=reason, at_ns=status.at_ns)]


def _present(moment: Moment) -> frozenset[str] | None:
    """The flags and faults of one frame; None of a frame that says nothing of either."""
    result = moment.result
    if isinstance(result, Analysed):
        up = [("FRAME_FLAG", result.flagged), ("TEMPORAL_FLAG", bool(result.temporal_flag))]
        return frozenset(name for name, is_up in up if is_up)
    if result is not None and result.reasons[0] in FAULTS:
        return frozenset({result.reasons[0].value})
    return None
