"""Which candidate runs beside a session's bundle, how often, and what it may cost."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from sonoedge.engines.options import EngineOptions
from sonoedge.errors import InvalidSettings
from sonoedge.session.shadow.disagreement import Disagreement
from sonoedge.session.shadow.limits import PRIORITIES, Priority
from sonoedge.trust.policy import TrustPolicy

ONE_THREAD: Final = EngineOptions(threads=1)
MOST_EVERY: Final = 1_000_000
LEAST_MEMORY_MB: Final = 64
MOST_MEMORY_MB: Final = 1 << 20
MOST_RESTARTS: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow:
    """A candidate bundle that is shown some of the frames beside the bundle that counts.

    Its answers are compared and counted, and never delivered.

    Attributes:
        bundle: the candidate's folder.
        every: one of so many analysed frames is shown to it.
        min_iou: two regions are the same where they overlap by so much (intersection over
            union of their outlines).
        max_suspicion_difference: frames' suspicions that differ by more disagree.
        engine: which of its engines, and how it is driven; one thread where it is left out.
        trust: whose signatures it needs; None takes what the session's bundle needs.
        deadline_ms: a candidate that has not answered after so long is ended, and counts as hung;
            the time that its process waited for a processor is not held against it.
        start_timeout_s: and so does one that is not ready after so long.
        priority: of its process for the processors: "idle" has what nothing else wants, so that
            on a machine without any to spare it gets none, and waits; "low" and "equal" take
            their share.
        memory_mb: private memory, in MiB, with which its process is ended.
        restarts: it is started again so often after a failure, with pauses of 1 s that double
            up to 60 s; then it is given up, which `ShadowStatus.state` tells.
        on_disagreement: called with each disagreement, on a thread of the candidate's own.

    Raises:
        InvalidSettings: a value is of the wrong type or out of range.
    """

    bundle: str | Path
    every: int = 10
    min_iou: float = 0.5
    max_suspicion_difference: float = 0.1
    engine: EngineOptions = ONE_THREAD
    trust: TrustPolicy | None = None
    deadline_ms: float = 5000.0
    start_timeout_s: float = 60.0
    priority: Priority = "idle"
    memory_mb: int = 2048
    restarts: int = 5
    on_disagreement: Callable[[Disagreement], None] | None = None

    def __post_init__(self) -> None:
        if not isinstance(cast("object", self.bundle), str | Path):
            raise InvalidSettings(f"shadow.bundle must be a folder's path, not {self.bundle!r:.80}")
        if not isinstance(cast("object", self.engine), EngineOptions):
            raise InvalidSettings(f"shadow.engine must be EngineOptions, not {self.engine!r:.80}")
        if self.trust is not None and not isinstance(cast("object", self.trust), TrustPolicy):
            raise InvalidSettings(f"shadow.trust must be a TrustPolicy, not {self.trust!r:.80}")
        if self.on_disagreement is not None and not callable(self.on_disagreement):
            raise InvalidSettings("shadow.on_disagreement must be a function, or None")
        if self.priority not in PRIORITIES:
            raise InvalidSettings(
                f"shadow.priority is {self.priority!r:.80}; allowed: {', '.join(PRIORITIES)}"
            )
        for name, least, most in (
            ("every", 1, MOST_EVERY),
            ("memory_mb", LEAST_MEMORY_MB, MOST_MEMORY_MB),
            ("restarts", 0, MOST_RESTARTS),
        ):
            value = getattr(self, name)
            whole = isinstance(value, int) and not isinstance(value, bool)
            if not (whole and least <= value <= most):
                raise InvalidSettings(
                    f"shadow.{name} must be a whole number from {least} to {most}, not {value!r}"
                )
        for name, most_of_it in (
            ("min_iou", 1.0),
            ("max_suspicion_difference", 1.0),
            ("deadline_ms", 1e9),
            ("start_timeout_s", 1e9),
        ):
            value = getattr(self, name)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not (number and math.isfinite(value) and 0 < value <= most_of_it):
                raise InvalidSettings(
                    f"shadow.{name} must be a number above 0 and at most {most_of_it:g}, "
                    f"not {value!r}"
                )
