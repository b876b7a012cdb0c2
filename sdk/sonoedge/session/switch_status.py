"""What became of the bundles that a session was told to switch to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchStatus:
    """What became of the bundles that a session was told to switch to.

    Attributes:
        switched: how often another bundle took over.
        reverted: how often one failed within its first 100 frames, so that the bundle before
            took over again.
        trial_frames_left: frames that the running bundle has to analyse until the one before is
            let go; 0 where there is none.
        last_failure: why the last one that was reverted failed, as a `StateReason`; "" before.
    """

    switched: int = 0
    reverted: int = 0
    trial_frames_left: int = 0
    last_failure: str = ""


NEVER_SWITCHED: Final = SwitchStatus()
