"""A session's descriptions: of the flagged region, now and then, after its result has left.

The session's own thread asks and hears; results are read from any thread.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sonoedge.analysis import Analysed, Analysis, Region
from sonoedge.description import Description, NotDescribed, NotDescribedReason
from sonoedge.foreign_error import describe_foreign
from sonoedge.session.mailbox import Buffers, Submission

if TYPE_CHECKING:
    from sonoedge.session.engine import Engine

SHOWN_FOR: Final = 3  # times between two descriptions: an older one is not shown

log = logging.getLogger("sonoedge.session")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RegionQuestion:
    """A region that is to be described; its frame's pixels are the engine's until it answers."""

    submission: Submission
    region: Region


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RegionDescription:
    """What was said of a region of a live frame.

    Attributes:
        frame_id: of the frame, as `submit` returned it.
        stream: the frame's.
        track_id: the region's; None where nothing tracks.
        captured_ns: the frame's capture time, monotonic.
        description: `NotDescribed` with `STALE` once it is too old to be shown.
    """

    frame_id: int
    stream: str
    track_id: int | None
    captured_ns: int
    description: Description

    def of(self, analysis: Analysis) -> tuple[Description | None, ...]:
        """This description, in the place of the region whose track it is of; None for the others.

        That region is of another frame, as a rule a later one: `captured_ns` says how old the
        description is.
        """
        regions = analysis.regions if isinstance(analysis, Analysed) else ()
        ours = self.track_id is not None and analysis.stream == self.stream
        return tuple(
            self.description if ours and region.track_id == self.track_id else None
            for region in regions
        )


class LiveDescribing:
    """Which regions of a session are described, and what came of it.

    At most one question is open: where a description is slow, fewer are made, and frames do not
    wait for any.

    Args:
        every_ns: at most one description in so long; None for none at all. One is shown until its
            frame is three times as old.
        buffers: where the session's pixels come from.
    """

    def __init__(
        self,
        every_ns: int | None,
        *,
        buffers: Buffers,
        clock_ns: Callable[[], int],
    ) -> None:
        self._every_ns = every_ns
        self._max_age_ns = SHOWN_FOR * (every_ns or 0)
        self._buffers = buffers
        self._clock_ns = clock_ns
        self._open: RegionQuestion | None = None
        self._chosen: RegionQuestion | None = None  # open, and not asked yet
        self._asked_ns: int | None = None
        self._latest: dict[str, RegionDescription] = {}
        self._lock = threading.Lock()

    def choose(self, submission: Submission, analysis: Analysis) -> None:
        """Take the question that this frame gives, where one is due; its pixels are held for it.

        Called before the frame leaves; `ask` follows, or `drop`.
        """
        if self._every_ns is None or self._open is not None:
            return
        now_ns = self._clock_ns()
        if self._asked_ns is not None and now_ns - self._asked_ns < self._every_ns:
            return
        region = _flagged(analysis)
        if region is None:
            return
        self._asked_ns = now_ns
        self._buffers.share(submission.frame.pixels)
        self._open = self._chosen = RegionQuestion(submission=submission, region=region)

    def ask(self, engine: Engine | None, outcome: Analysis) -> None:
        """Put the question that was just chosen, if any; whatever goes wrong, it is dropped.

        Args:
            engine: the one in charge; None where it is gone.
            outcome: what the frame ended as; one that was not analysed is not described.
        """
        question, self._chosen = self._chosen, None
        if question is None:
            return
        if engine is None or not isinstance(outcome, Analysed):
            self.drop()
            return
        try:
            engine.describe(question)
        except Exception as error:  # noqa: BLE001 - that the engine is gone is seen by itself
            log.warning("a region was not described: %s", describe_foreign(error))
            self.drop()

    def answered(self, description: Description) -> None:
        """The open question's answer."""
        question = self._open
        if question is None:
            return  # of an engine that is not in charge any more
        submission = question.submission
        with self._lock:
            self._latest[submission.stream] = RegionDescription(
                frame_id=submission.frame_id,
                stream=submission.stream,
                track_id=question.region.track_id,
                captured_ns=submission.frame.captured_ns,
                description=description,
            )
        self.drop()

    def drop(self) -> None:
        """The open question, if there is one, gets no answer."""
        question, self._open, self._chosen = self._open, None, None
        if question is not None:
            self._buffers.give_back(question.submission.frame.pixels)

    def latest(self, stream: str) -> RegionDescription | None:
        """The newest of a stream, as it is now; None before the first."""
        with self._lock:
            newest = self._latest.get(stream)
        if newest is None or self._clock_ns() - newest.captured_ns <= self._max_age_ns:
            return newest
        return dataclasses.replace(
            newest, description=NotDescribed(reason=NotDescribedReason.STALE)
        )


def _flagged(analysis: Analysis) -> Region | None:
    """The most suspicious region whose track is flagged; without tracks, that is flagged."""
    if not isinstance(analysis, Analysed) or not analysis.localised:
        return None
    flagged = (
        r for r in analysis.regions if (r.flagged if r.track_id is None else r.track_flagged)
    )
    return max(flagged, key=lambda region: region.suspicion, default=None)
