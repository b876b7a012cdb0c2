"""What a recording has come to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingStatus:
    """A live session's recording at one moment. None of it ever holds a frame up.

    Attributes:
        clips: names of the clips that were written, the first first.
        failed: clips that could not be written, as on a full disk.
        why: why the last of those, or of the frames that were lost; "" where nothing says.
        lost: frames that could not be taken, mostly for want of memory: no clip spans one.
        writing: a clip is in the making, or being written.
    """

    clips: tuple[str, ...]
    failed: int
    why: str
    lost: int
    writing: bool
