"""What a rule for the temporal flag does over clips whose answers are known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from sonoedge import Region, TrackingSettings
from sonoedge.processing.tracking import Tracker
from studies.flag.answers import Answered, AnsweredClip

Rule = Callable[[Sequence["Seen"]], list[bool]]  # the flag after each analysed frame


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """One analysed frame, with its regions as the tracker takes them."""

    frame: Answered
    regions: tuple[Region, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeenClip:
    """A clip's analysed frames.

    Attributes:
        step_s: from one frame to the next.
        wanted_ns: time of the first frame that wants a flag, analysed or not; None without one.
        not_analysed: frames that were not. A flag that they hid is missed, or late; they are left
            out of false flags and their time.
    """

    group: str
    frames: tuple[Seen, ...]
    step_s: float
    wanted_ns: int | None
    not_analysed: int


@dataclass(slots=True, kw_only=True)
class Tally:
    """What one rule did.

    Attributes:
        positive: clips in which a flag was wanted.
        delays_s: from the first frame that wanted it to the flag, of those flagged.
        false_rises: rises while no flag was wanted, in `unwanted_s` seconds.
    """

    clips: int = 0
    positive: int = 0
    delays_s: list[float] = field(default_factory=list)
    false_rises: int = 0
    unwanted_s: float = 0.0
    not_analysed: int = 0

    @property
    def flagged_share(self) -> float:
        """Of the positive clips."""
        return len(self.delays_s) / self.positive if self.positive else 0.0

    @property
    def median_s(self) -> float:
        """Of the delays; infinite where nothing was flagged."""
        return float(np.median(self.delays_s)) if self.delays_s else float("inf")

    @property
    def false_per_minute(self) -> float:
        """Rises in a minute of frames that want none."""
        return 60 * self.false_rises / self.unwanted_s if self.unwanted_s else 0.0


def tally(clips: Iterable[SeenClip], rule: Rule) -> Tally:
    """One rule over all clips, each from its beginning."""
    total = Tally()
    for clip in clips:
        _add(total, clip, rule(clip.frames))
    return total


def seen(clip: AnsweredClip) -> SeenClip:
    """A clip as rules take it."""
    frames = [frame for frame in clip.frames if not frame.reason]
    times = [frame.at_ns for frame in clip.frames]
    return SeenClip(
        group=clip.group,
        frames=tuple(Seen(frame=frame, regions=_regions(frame)) for frame in frames),
        wanted_ns=next((frame.at_ns for frame in clip.frames if frame.wanted), None),
        step_s=(times[-1] - times[0]) / 1e9 / max(1, len(times) - 1),
        not_analysed=len(times) - len(frames),
    )


def each_frame(frames: Sequence[Seen]) -> list[bool]:
    """The frames' own flags."""
    return [each.frame.flagged for each in frames]


def tracked(settings: TrackingSettings, flag_threshold: float) -> Rule:
    """The device's own tracker."""

    def rule(frames: Sequence[Seen]) -> list[bool]:
        tracker = Tracker(settings, flag_threshold)
        return [tracker.update(each.regions, each.frame.at_ns)[1] for each in frames]

    return rule


def _add(total: Tally, clip: SeenClip, ups: Sequence[bool]) -> None:
    wanted = [each.frame.wanted for each in clip.frames]
    total.clips += 1
    total.not_analysed += clip.not_analysed
    total.unwanted_s += clip.step_s * (len(wanted) - sum(wanted))
    before = [False, *ups]
    total.false_rises += sum(
        up and not was and not want for up, was, want in zip(ups, before, wanted, strict=False)
    )
    if clip.wanted_ns is not None:
        total.positive += 1
        hits = [
            each.frame.at_ns
            for each, up in zip(clip.frames, ups, strict=True)
            if up and each.frame.wanted
        ]
        if hits:
            total.delays_s.append((hits[0] - clip.wanted_ns) / 1e9)


def _regions(frame: Answered) -> tuple[Region, ...]:
    return tuple(
        Region(
            contour_px=np.zeros((0, 2), dtype=np.int32),
            box_px=(x0, y0, x1, y1),
            area_px=0.0,
            area_mm2=None,
            box_mm=None,
            suspicion=suspicion,
            class_probs={},
            flagged=False,
        )
        for x0, y0, x1, y1, suspicion in frame.regions
    )
