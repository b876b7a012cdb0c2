"""A frame and its outcome, as a recording holds them in memory."""

from __future__ import annotations

from dataclasses import dataclass

from sonoedge.analysis import Analysis
from sonoedge.frames import Frame


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moment:
    """A frame that has its outcome.

    Attributes:
        frame_id, stream, captured_ns: as the session has them.
        at_ns: when it got its outcome, by the session's clock.
        engine: counts the session's engines from 1; 0 before the first.
        frame: with the session's own copy of the pixels; None of a frame that was refused for
            its form (no copy was made), or superseded (nobody looked at it).
        answer: the engine's; None where no engine gave one.
        result: what the frame was told; None where it was superseded.
        reusable: nobody else reads the pixels: they may go back to the session's buffers.
        gap: moments are missing before it.
        lost: there was no memory for its pixels; those of `frame` are none but their shape.
    """

    frame_id: int
    stream: str
    captured_ns: int
    at_ns: int
    engine: int
    frame: Frame | None
    answer: Analysis | None
    result: Analysis | None
    reusable: bool = False
    lost: bool = False
    gap: bool = False

    @property
    def size(self) -> int:
        """Bytes of its pixels."""
        return 0 if self.frame is None or self.lost else self.frame.pixels.nbytes
