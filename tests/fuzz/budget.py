"""When an engine has done enough."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Whichever comes first.

    Attributes:
        inputs: so many of them; None for no limit.
        seconds: so long; None for no limit.
    """

    inputs: int | None
    seconds: float | None

    def share(self, parts: int) -> Budget:
        """What one of so many engines may use."""
        return Budget(
            inputs=None if self.inputs is None else -(-self.inputs // parts),
            seconds=None if self.seconds is None else self.seconds / parts,
        )

    def deadline_s(self) -> float:
        """On the monotonic clock."""
        return float("inf") if self.seconds is None else time.monotonic() + self.seconds
