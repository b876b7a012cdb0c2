"""What a live session records, and how much of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from sonoedge.errors import InvalidSettings

MOST_SECONDS = 600.0
MOST_MEMORY_MB = 4096
MOST_DISK_MB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Keep what happened around each flag and each fault of a live session.

    The folder holds pictures as they came: they may show patients. Its files can be read by
    their owner alone.

    Attributes:
        folder: where clips are written; it is made where it is missing. One session at a time
            records into it.
        before_s, after_s: seconds of the stream before and after a flag or fault.
        disk_mb: MiB of all clips together; beyond them the oldest clips are removed.
        memory_mb: MiB of frames held in memory. Half of it is for the clip in the making:
            where frames are larger or come faster than that holds, clips are shorter.
        blank_outside_region: pixels outside each frame's tissue region (`Frame.roi_px`) are
            written black. A clip with a frame that has none is not written.
    """

    folder: str | Path
    before_s: float = 5.0
    after_s: float = 5.0
    disk_mb: int = 1024
    memory_mb: int = 256
    blank_outside_region: bool = False

    def __post_init__(self) -> None:
        if not isinstance(cast("object", self.folder), str | Path) or "\0" in str(self.folder):
            raise InvalidSettings("folder must be a folder's path, as text or a Path")
        for name in ("before_s", "after_s"):
            seconds = cast("object", getattr(self, name))
            number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
            if not (number and math.isfinite(seconds) and 0 <= seconds <= MOST_SECONDS):  # type: ignore[arg-type, operator]
                raise InvalidSettings(
                    f"{name} must be a number from 0 to {MOST_SECONDS:.0f}, not {seconds!r:.60}"
                )
        if not isinstance(cast("object", self.blank_outside_region), bool):
            raise InvalidSettings("blank_outside_region must be True or False")
        if self.before_s + self.after_s <= 0:
            raise InvalidSettings("before_s or after_s must be above 0")
        for name, most in (("disk_mb", MOST_DISK_MB), ("memory_mb", MOST_MEMORY_MB)):
            size = cast("object", getattr(self, name))
            if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= most:
                raise InvalidSettings(f"{name} must be a whole number from 1 to {most}")

    @property
    def memory_bytes(self) -> int:
        """Of all frames that are held."""
        return self.memory_mb << 20
