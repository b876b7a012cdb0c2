"""When frames arrive: at their own pace, whatever the engine does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Arrivals at equal distances.

    A frame is captured when it is due. A driver that wakes up late hands it over late, and
    its age grows by that: to count from the hand-over instead would leave out exactly the
    waiting that a busy machine causes (Tene's "coordinated omission").

    Attributes:
        first_ns: when the first frame is due, on the monotonic clock.
        period_ns: from one to the next.
        many: how many.
    """

    first_ns: int
    period_ns: int
    count: int

    def due_ns(self, number: int) -> int:
        """When frame `number` is captured."""
        return self.first_ns + number * self.period_ns

    def superseded(self, number: int, now_ns: int) -> bool:
        """Whether a newer frame of this schedule is there already."""
        return number + 1 < self.count and self.due_ns(number + 1) <= now_ns

    def wait(
        self, number: int, clock_ns: Callable[[], int], sleep_s: Callable[[float], None]
    ) -> int:
        """Sleep until frame `number` is due; returns how late it is, nanoseconds."""
        due = self.due_ns(number)
        while (remaining_ns := due - clock_ns()) > 0:  # a sleep may end early
            sleep_s(remaining_ns / 1e9)
        return clock_ns() - due


def schedule(now_ns: int, fps: float, count: int, *, lead_ns: int = 20_000_000) -> Schedule:
    """`many` arrivals at `fps` per second, from a moment from now on."""
    return Schedule(first_ns=now_ns + lead_ns, period_ns=round(1e9 / fps), count=count)
