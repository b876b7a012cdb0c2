"""What a tracker remembers, as plain values: it can be kept, and gone on from."""

from __future__ import annotations

from dataclasses import dataclass

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a picture's scale and content hang on: another scene forgets all tracks.

    Attributes:
        probe, preset, depth_mm: as the scanner says.
        height, width: of the frame, pixels.
        roi_px: (x0, y0, x1, y1) of the region of interest.
        aspect: a pixel's width over its height.
    """

    probe: str | None
    preset: str | None
    depth_mm: float | None
    height: int
    width: int
    roi_px: Box
    aspect: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackState:
    """One track.

    Attributes:
        id, box: of its region, (x0, y0, x1, y1) in source pixels as last seen.
        raising, keeping: its votes, oldest first.
        evidence: its log-odds, where they are gathered in place of votes.
        unseen: analysed frames since it was seen.
        flagged: its flag is up.
    """

    id: int
    box: Box
    raising: tuple[bool, ...]
    keeping: tuple[bool, ...]
    unseen: int
    flagged: bool
    evidence: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerState:
    """All that a tracker remembers, as plain values.

    Attributes:
        tracks: those alive.
        next_id: of the next new track.
        scene: of the last frame; None before the first.
        last_ns: its capture time.
        hold_off: for so many frames no flag is raised.
        up: the flag.
    """

    tracks: tuple[TrackState, ...] = ()
    next_id: int = 0
    scene: Scene | None = None
    last_ns: int | None = None
    hold_off: int = 0
    up: bool = False
