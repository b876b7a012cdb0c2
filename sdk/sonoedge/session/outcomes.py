"""How a frame's answer reads at a given moment: aged, stale, or refused with its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sonoedge.analysis import Analysed, Analysis, NotAnalysed, Origin, Reason
from sonoedge.session.mailbox import Ticket


class Outcomes:
    """Makes a session's outcomes.

    Args:
        max_age_ns: an answer that is older, counted from capture, is none any more.
        placeholder: the origin that an outcome names before an engine is ready.
        clock_ns: the monotonic clock, nanoseconds.

    Attributes:
        origin: the engine's; None before one is ready.
    """

    def __init__(
        self, *, max_age_ns: int, placeholder: Origin, clock_ns: Callable[[], int]
    ) -> None:
        self._max_age_ns = max_age_ns
        self._placeholder = placeholder
        self._clock_ns = clock_ns
        self.origin: Origin | None = None

    def too_old(self, ticket: Ticket, now_ns: int) -> bool:
        """Whether an answer to this frame would be stale."""
        return now_ns - ticket.born_ns > self._max_age_ns

    def refused(self, ticket: Ticket, reason: Reason, detail: str = "") -> NotAnalysed:
        """The outcome of a frame that has no answer."""
        return NotAnalysed(
            frame_id=ticket.frame_id,
            captured_ns=ticket.born_ns,
            age_ms=(self._clock_ns() - ticket.born_ns) / 1e6,
            stages_ms={},
            origin=self.origin or self._placeholder,
            reasons=(reason,),
            detail=detail,
            stream=ticket.stream,
        )

    def aged(self, ticket: Ticket, analysis: Analysis, now_ns: int) -> Analysis:
        """An answer as it is at this moment: too old, it is none any more."""
        age_ms = (now_ns - ticket.born_ns) / 1e6
        if isinstance(analysis, Analysed) and self.too_old(ticket, now_ns):
            stale = self.refused(ticket, Reason.STALE, f"{age_ms:.0f} ms old")
            return replace(stale, stages_ms=analysis.stages_ms, origin=analysis.origin)
        return replace(analysis, frame_id=ticket.frame_id, stream=ticket.stream, age_ms=age_ms)
