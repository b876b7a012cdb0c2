"""What another bundle makes of the same frames."""

from __future__ import annotations

from dataclasses import dataclass, field

from sonoedge.processing.tracking import iou
from sonoedge.recording.answer import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """A recorded clip against another bundle; frames by their ids.

    Attributes:
        flags_gained, flags_lost: frames flagged now and not then, and the other way round.
        temporal_gained, temporal_lost: the same of the flag over frames.
        temporal_from: the tracks begin anew: frames before this one are not compared for it;
            None where none is.
        outcomes_changed: frames that one of the two did not analyse, or for another reason.
        compared: frames that both analysed.
        iou: mean over the regions of then and now, of each one's best overlap (intersection
            over union of boxes) with a region of the other; None without a region.
        suspicion: largest and mean difference of a frame's suspicion, now minus then, of frames
            in which both found something.
    """

    flags_gained: tuple[int, ...]
    flags_lost: tuple[int, ...]
    temporal_gained: tuple[int, ...]
    temporal_lost: tuple[int, ...]
    temporal_from: int | None
    outcomes_changed: tuple[int, ...]
    compared: int
    iou: float | None
    suspicion: tuple[float, float] | None


@dataclass(slots=True)
class ChangeCount:
    """Adds a clip's frames up, one after the other."""

    memory_frames: int  # analysed frames of a stream before its temporal flag is comparable,
    memory_ms: float = 0.0  # and capture time since the first of them
    _gained: list[int] = field(default_factory=list)
    _lost: list[int] = field(default_factory=list)
    _temporal_gained: list[int] = field(default_factory=list)
    _temporal_lost: list[int] = field(default_factory=list)
    _temporal_from: int | None = None
    _outcomes: list[int] = field(default_factory=list)
    _overlaps: list[float] = field(default_factory=list)
    _suspicions: list[float] = field(default_factory=list)
    _compared: int = 0
    _analysed: dict[int, int] = field(default_factory=dict)
    _first_ns: dict[int, int] = field(default_factory=dict)

    def add(self, frame: int, stream: int, recorded: Answer, now: Answer, captured_ns: int) -> None:
        """Compare one frame."""
        if now.analysed:
            self._analysed[stream] = self._analysed.get(stream, 0) + 1
            self._first_ns.setdefault(stream, captured_ns)
        if not (recorded.analysed and now.analysed):
            if (recorded.outcome, recorded.reasons) != (now.outcome, now.reasons):
                self._outcomes.append(frame)
            return
        self._compared += 1
        if now.flagged != recorded.flagged:
            (self._gained if now.flagged else self._lost).append(frame)
        tracked = recorded.temporal_flag is not None and now.temporal_flag is not None
        since_ns = captured_ns - self._first_ns[stream]
        is_grown = since_ns >= self.memory_ms * 1e6
        if tracked and is_grown and self._analysed[stream] > self.memory_frames:
            if self._temporal_from is None:
                self._temporal_from = frame
            if now.temporal_flag != recorded.temporal_flag:
                changed = self._temporal_gained if now.temporal_flag else self._temporal_lost
                changed.append(frame)
        then, here = recorded.regions or (), now.regions or ()
        for side, other in ((then, here), (here, then)):
            self._overlaps += [
                max((iou(region.box_px, r.box_px) for r in other), default=0.0) for region in side
            ]
        if recorded.suspicion is not None and now.suspicion is not None:
            self._suspicions.append(now.suspicion - recorded.suspicion)

    def changes(self) -> Changes:
        """What it came to."""
        suspicion = None
        if self._suspicions:
            mean = sum(self._suspicions) / len(self._suspicions)
            suspicion = (max(self._suspicions, key=abs), mean)
        overlaps = self._overlaps
        return Changes(
            flags_gained=tuple(self._gained),
            flags_lost=tuple(self._lost),
            temporal_gained=tuple(self._temporal_gained),
            temporal_lost=tuple(self._temporal_lost),
            temporal_from=self._temporal_from,
            outcomes_changed=tuple(self._outcomes),
            compared=self._compared,
            iou=sum(overlaps) / len(overlaps) if overlaps else None,
            suspicion=suspicion,
        )
