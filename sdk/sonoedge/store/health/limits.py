"""What a bundle may take while it is tested."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from sonoedge.errors import InvalidSettings

LEAST_MEMORY_MIB: Final = 256
MOST_FRAMES: Final = 100_000
KINDS: Final = {
    "max_ms": (int, float, type(None)),
    "frames": (int,),
    "timeout_s": (int, float),
    "memory_mib": (int,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthLimits:
    """Limits of a self-test; a bundle that exceeds one has failed it.

    Attributes:
        max_ms: longest 99th percentile of whole analyses of golden frames, milliseconds; None
            for no limit.
        frames: golden frames that are analysed for it, each as often as it takes; 0 for none.
        timeout_s: seconds for all of the test.
        memory_mib: memory that the test's process may ask for beside what the libraries' files
            take, mebibytes (RLIMIT_DATA).

    Raises:
        InvalidSettings: one is out of range.
    """

    max_ms: float | None = None
    frames: int = 50
    timeout_s: float = 120.0
    memory_mib: int = 4096

    def __post_init__(self) -> None:
        for name, kinds in KINDS.items():
            value = getattr(self, name)
            if not isinstance(value, kinds) or isinstance(value, bool):
                raise InvalidSettings(f"{name} must be a number, not {value!r:.60}")
        if self.max_ms is not None and not (math.isfinite(self.max_ms) and self.max_ms > 0):
            raise InvalidSettings("max_ms must be above 0, or None")
        if not 0 <= self.frames <= MOST_FRAMES or (self.max_ms is not None and not self.frames):
            raise InvalidSettings(
                f"frames must be 0 to {MOST_FRAMES}, and 1 or more where max_ms is given"
            )
        if not 0 < self.timeout_s < 1e6:
            raise InvalidSettings("timeout_s must be above 0 and below 1e6")
        if self.memory_mib < LEAST_MEMORY_MIB:
            raise InvalidSettings(f"memory_mib must be {LEAST_MEMORY_MIB} or more")
