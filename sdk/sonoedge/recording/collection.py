"""Which moments become a clip: those before and after a flag or fault. Pure logic, no thread."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from sonoedge.recording.clip import Clip
from sonoedge.recording.document import StateChange
from sonoedge.recording.mirror import Mirror
from sonoedge.recording.moment import Moment
from sonoedge.recording.ring import Ring
from sonoedge.recording.settings import Recording
from sonoedge.recording.trigger import Trigger, Triggers
from sonoedge.session.states import Status

MEMORY, CLOSED = "MEMORY", "CLOSED"


class Collection:
    """Holds the newest moments, and hands clips out.

    No frame is in two clips: one that begins during another is part of it, and the next one
    begins where it ends.

    Args:
        release: called with each moment that is in no clip, when it is held no more.
    """

    def __init__(
        self, recording: Recording, mirror: Mirror, release: Callable[[Moment], None]
    ) -> None:
        self._before_ns = round(recording.before_s * 1e9)
        self._after_ns = round(recording.after_s * 1e9)
        self._most_bytes = recording.memory_bytes // 2
        share = recording.before_s / (recording.before_s + recording.after_s)
        self._most_before_bytes = int(self._most_bytes * share)
        self._mirror = mirror
        self._release = release
        self._ring = Ring()
        self._triggers = Triggers()
        self._begun: list[Trigger] = []
        self._states: deque[StateChange] = deque()
        self._short = ""

    @property
    def in_the_making(self) -> bool:
        """Whether a clip has begun."""
        return bool(self._begun)

    def add(self, moment: Moment) -> list[Clip]:
        """Take the next moment; returns the clips that it completes."""
        clips = []
        if moment.lost or moment.gap:
            # Past a hole nothing could be analysed again as it was.
            if self._begun:
                clips.append(self._clip(MEMORY))
            for old in self._ring.take_all():
                self._pass(old)
            self._short = MEMORY
        if moment.lost:
            self._pass(moment)
        elif self._begun and self._ring.size + moment.size > self._most_bytes:
            clips.append(self._clip(MEMORY))
            self._ring.add(moment)
        else:
            self._ring.add(moment)
        self._begun += self._triggers.of_moment(moment)
        return clips + self.advance(moment.at_ns)

    def look(self, status: Status) -> None:
        """Take note of the session's state."""
        change = StateChange(at_ns=status.at_ns, state=status.state.value, reasons=status.reasons)
        last = self._states[-1] if self._states else None
        if last is None or (last.state, last.reasons) != (change.state, change.reasons):
            self._states.append(change)
        self._begun += self._triggers.of_status(status)

    def advance(self, now_ns: int) -> list[Clip]:
        """Let go of what is too old; returns the clips that are complete by now.

        Args:
            now_ns: every moment up to it has been added.
        """
        if self._begun:
            return [self._clip("")] if now_ns - self._begun[0].at_ns >= self._after_ns else []
        oldest_ns = now_ns - self._before_ns
        for moment in self._ring.evict(before_ns=oldest_ns, most_bytes=self._most_before_bytes):
            if moment.at_ns >= oldest_ns:
                self._short = MEMORY
            self._pass(moment)
        while len(self._states) > 1 and self._states[1].at_ns < oldest_ns:
            self._states.popleft()
        return []

    def end(self) -> list[Clip]:
        """The session is over; returns the clip in the making."""
        clips = [self._clip(CLOSED)] if self._begun else []
        for moment in self._ring.take_all():
            self._pass(moment)
        return clips

    def _clip(self, cut: str) -> Clip:
        engine_number, memories = self._mirror.engine, self._mirror.states()
        moments = tuple(self._ring.take_all())
        for moment in moments:
            self._mirror.follow(moment)
        clip = Clip(
            triggers=tuple(self._begun),
            moments=moments,
            engine_number=engine_number,
            memories=memories,
            states=tuple(self._states),
            cut=cut or self._short,
            out_of_step=self._mirror.out_of_step,
        )
        self._begun, self._short = [], ""
        while len(self._states) > 1:
            self._states.popleft()
        return clip

    def _pass(self, moment: Moment) -> None:
        self._mirror.follow(moment)
        self._release(moment)
