"""Regions followed over frames, and a flag that is raised only when one stays suspicious.

A frame-by-frame flag flickers where suspicion hovers about its threshold, and one odd
frame raises it. Here a region's track collects one vote per frame: the flag goes up
after N of M frames, stays up at a lower threshold (hysteresis), and, once the whole
picture's flag has fallen, is not raised again for a number of frames (hold-off). Where the
settings have `evidence`, log-odds that decay are gathered in place of votes (`evidence`).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from sonoedge.analysis import Region
from sonoedge.errors import InvalidSettings
from sonoedge.processing.evidence import EvidenceSettings, Gathering
from sonoedge.processing.tracker_state import Box, Scene, TrackerState, TrackState


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingSettings:
    """When regions of two frames are the same, and when a track is flagged.

    Two rules flag one: votes, or the evidence gathered. The votes' own settings (keep_threshold,
    raise_frames, window_frames, keep_frames) say nothing where there is `evidence`.

    Windows count analysed frames, so that a recording gives the same flags however fast
    it is read; times are the frames' own capture times.

    Attributes:
        match_iou: least overlap of two boxes (intersection over union) to be one region.
        raise_threshold: suspicion that votes for a flag, or speaks neither for nor against one;
            None takes the operating point's.
        keep_threshold: suspicion that votes for keeping one; None takes 0.8 times the
            threshold that raises it.
        raise_frames: a track is flagged after so many votes within window_frames.
        window_frames: how many of the latest frames votes are counted over.
        keep_frames: a flagged track stays so with this many votes for keeping within
            window_frames.
        hold_off_frames: after the flag has fallen it is not raised for so many frames.
        lost_after_frames: a track ends when it was not seen for so many frames.
        gap_ms: a longer time between two frames forgets all tracks; must be longer than
            the time between two analysed frames, or no flag is ever raised.
        evidence: gather evidence by these settings; None counts votes.
    """

    match_iou: float = 0.3
    raise_threshold: float | None = None
    keep_threshold: float | None = None
    raise_frames: int = 5
    window_frames: int = 8
    keep_frames: int = 3
    hold_off_frames: int = 10
    lost_after_frames: int = 8
    gap_ms: float = 1000.0
    evidence: EvidenceSettings | None = None

    def __post_init__(self) -> None:
        if not 0 < self.match_iou <= 1:
            raise InvalidSettings("match_iou must be above 0 and at most 1")
        for name in ("raise_threshold", "keep_threshold"):
            value = getattr(self, name)
            if value is not None and not 0 < value < 1:
                raise InvalidSettings(f"{name} must be between 0 and 1, or None")
        if self.raise_threshold is not None and (self.keep_threshold or 0) > self.raise_threshold:
            raise InvalidSettings("keep_threshold must not be above raise_threshold")
        if not 1 <= self.raise_frames <= self.window_frames <= 1000:
            raise InvalidSettings("raise_frames must be 1 to window_frames, that at most 1000")
        if not 1 <= self.keep_frames <= self.raise_frames:
            raise InvalidSettings("keep_frames must be 1 to raise_frames")
        if self.hold_off_frames < 0 or self.lost_after_frames < 1:
            raise InvalidSettings("hold_off_frames must be 0 or more, lost_after_frames 1 or more")
        if not (math.isfinite(self.gap_ms) and self.gap_ms > 0):
            raise InvalidSettings("gap_ms must be above 0")

    @property
    def memory_frames(self) -> int:
        """After so many analysed frames nothing of a vote is left; 0 where none is counted."""
        return self.window_frames if self.evidence is None else 0

    @property
    def memory_ms(self) -> float:
        """After so much capture time a thousandth of what was gathered is left; 0 with votes."""
        return 0.0 if self.evidence is None else 10 * self.evidence.half_life_ms


@dataclass(slots=True, kw_only=True)
class _Track:
    id: int
    box: Box
    raising: deque[bool]
    keeping: deque[bool]
    evidence: float = 0.0
    unseen: int = 0
    flagged: bool = field(default=False)


class Tracker:
    """The tracks of one stream.

    Args:
        settings: see there.
        flag_threshold: the operating point's, for settings that leave theirs out.
    """

    def __init__(self, settings: TrackingSettings, flag_threshold: float) -> None:
        self.settings = settings
        high = settings.raise_threshold
        self._raise = flag_threshold if high is None else high
        low = settings.keep_threshold
        self._keep = 0.8 * self._raise if low is None else min(low, self._raise)
        rule = settings.evidence
        self._gathering = None if rule is None else Gathering(rule, self._raise)
        self._next_id = 0
        self.reset()

    def reset(self) -> None:
        """Forget all tracks and the hold-off; ids go on, so that none is used twice."""
        self._tracks: list[_Track] = []
        self._key: Scene | None = None
        self._last_ns: int | None = None
        self._hold_off = 0
        self._up = False

    def state(self) -> TrackerState:
        """All that is remembered."""
        return TrackerState(
            tracks=tuple(
                TrackState(
                    id=track.id,
                    box=track.box,
                    raising=tuple(track.raising),
                    keeping=tuple(track.keeping),
                    evidence=track.evidence,
                    unseen=track.unseen,
                    flagged=track.flagged,
                )
                for track in self._tracks
            ),
            next_id=self._next_id,
            scene=self._key,
            last_ns=self._last_ns,
            hold_off=self._hold_off,
            up=self._up,
        )

    def restore(self, state: TrackerState) -> None:
        """Go on from where another tracker of the same settings was."""
        window = self.settings.window_frames
        self._tracks = [
            _Track(
                id=track.id,
                box=track.box,
                raising=deque(track.raising, maxlen=window),
                keeping=deque(track.keeping, maxlen=window),
                evidence=track.evidence,
                unseen=track.unseen,
                flagged=track.flagged,
            )
            for track in state.tracks
        ]
        self._next_id, self._key, self._last_ns = state.next_id, state.scene, state.last_ns
        self._hold_off, self._up = state.hold_off, state.up

    def update(
        self, regions: Sequence[Region], captured_ns: int, key: Scene | None = None
    ) -> tuple[tuple[Region, ...], bool]:
        """Take one frame's regions; returns them with their tracks, and the flag.

        Args:
            regions: of the frame, in its pixels.
            captured_ns: the frame's time in its stream (`Frame.stream_ns`).
            key: what the picture depends on; a frame with another one forgets all tracks.
        """
        since_ns = 0 if self._last_ns is None else captured_ns - self._last_ns
        if key != self._key or not 0 <= since_ns <= self.settings.gap_ms * 1e6:
            self.reset()
            since_ns = 0
        self._key, self._last_ns = key, captured_ns
        if self._gathering is not None:
            self._gathering.begin(since_ns)
        owners = self._match(regions) if regions or self._tracks else []
        self._judge()
        tracked = [_tracked(region, track) for region, track in zip(regions, owners, strict=True)]
        return tuple(tracked), self._up

    def _match(self, regions: Sequence[Region]) -> list[_Track]:
        """Each region's track, the best overlaps first, with what this frame says of it."""
        pairs = []
        for i, region in enumerate(regions):
            for k, track in enumerate(self._tracks):
                overlap = iou(region.box_px, track.box)
                if overlap >= self.settings.match_iou:
                    pairs.append((-overlap, i, k))
        pairs.sort()
        of_region: dict[int, tuple[_Track, float]] = {}
        matched: set[int] = set()
        for overlap, i, k in pairs:
            if i not in of_region and k not in matched:
                of_region[i] = self._tracks[k], -overlap
                matched.add(k)
        for k, track in enumerate(self._tracks):
            if k not in matched:
                self._unseen(track)
        owners = []
        for i, region in enumerate(regions):
            track, overlap = of_region.get(i) or (self._begin(region), 0.0)
            self._seen(track, region, overlap)
            owners.append(track)
        return owners

    def _unseen(self, track: _Track) -> None:
        """The frame was analysed, and the track's region is not in it."""
        track.unseen += 1
        if self._gathering is not None:
            track.evidence = self._gathering.unseen(track.evidence)
            return
        track.raising.append(False)
        track.keeping.append(False)

    def _seen(self, track: _Track, region: Region, overlap: float) -> None:
        track.box, track.unseen = region.box_px, 0
        if self._gathering is not None:
            track.evidence = self._gathering.seen(track.evidence, region.suspicion, overlap)
            return
        track.raising.append(region.suspicion >= self._raise)
        track.keeping.append(region.suspicion >= self._keep)

    def _begin(self, region: Region) -> _Track:
        window = self.settings.window_frames
        track = _Track(
            id=self._next_id,
            box=region.box_px,
            raising=deque(maxlen=window),
            keeping=deque(maxlen=window),
        )
        self._next_id += 1
        self._tracks.append(track)
        return track

    def _judge(self) -> None:
        settings = self.settings
        self._tracks = [t for t in self._tracks if t.unseen < settings.lost_after_frames]
        for track in self._tracks:
            if track.flagged or not self._hold_off:
                track.flagged = self._suffices(track)
        up = any(track.flagged for track in self._tracks)
        self._hold_off = max(0, self._hold_off - 1)
        if self._up and not up:
            self._hold_off = settings.hold_off_frames
        self._up = up

    def _suffices(self, track: _Track) -> bool:
        """What was gathered keeps the track's flag up, or raises it where it is down."""
        settings, rule = self.settings, self.settings.evidence
        if rule is not None:
            return track.evidence >= (rule.keep_log_odds if track.flagged else rule.raise_log_odds)
        if track.flagged:
            return sum(track.keeping) >= settings.keep_frames
        return sum(track.raising) >= settings.raise_frames


def _tracked(region: Region, track: _Track) -> Region:
    """The region with its track; `dataclasses.replace` takes three times as long."""
    return Region(
        contour_px=region.contour_px,
        box_px=region.box_px,
        area_px=region.area_px,
        area_mm2=region.area_mm2,
        box_mm=region.box_mm,
        suspicion=region.suspicion,
        class_probs=region.class_probs,
        flagged=region.flagged,
        track_id=track.id,
        track_flagged=track.flagged,
    )


def iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, (x0, y0, x1, y1)."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    area = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return both / (area - both)
