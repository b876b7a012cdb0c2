"""What `sonoedge run --live` says: a live session's state, counters, ages and flags."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from sonoedge.analysis import Analysed, Analysis
from sonoedge.outputs.wording import counted, verdict
from sonoedge.session import Counters, State, Status
from sonoedge.sources.watch import WatchStatus
from sonoedge.terminal.screen import Line
from sonoedge.verbs.shadow_arguments import shadow_line

_KEPT: Final = 300
_STATES: Final = {State.READY: "good", State.DEGRADED: "look", State.PAUSED: "look"}


class LiveView:
    """Remembers a little of the results, and puts it in words. One thread at a time.

    Args:
        source: the source's name.
        clock_ns: the session's clock.
    """

    def __init__(self, source: str, clock_ns: Callable[[], int]) -> None:
        self._source = source
        self._clock_ns = clock_ns
        self._ages_ms = array("f")
        self._up = False
        self.raised = self.flagged = 0

    def add(self, analysis: Analysis) -> None:
        """Take a result as it is delivered."""
        if not isinstance(analysis, Analysed):
            return
        self._ages_ms.append(analysis.age_ms)
        del self._ages_ms[:-_KEPT]
        up = bool(analysis.temporal_flag)
        self.raised += up and not self._up
        self.flagged += analysis.flagged
        self._up = up

    def lines(
        self, status: Status, latest: Analysis | None, watch: WatchStatus | None
    ) -> list[Line]:
        """The whole view.

        Args:
            latest: the newest result as it is now; a stale one is not shown as valid.
            watch: of a live device; None where frames come from a file.
        """
        engine = "no engine yet"
        if status.origin is not None:
            engine = f"{status.origin.runtime} {status.origin.precision}"
        late_ms = (self._clock_ns() - status.valid_until_ns) / 1e6
        invalid = f"   NOT VALID for {late_ms:.0f} ms" if late_ms >= 0 else ""
        if status.valid_until_ns <= 0:
            invalid = "   NOT VALID"
        lost = watch is not None and watch.lost is not None
        state = standing(status, watch)
        why = f": {', '.join(status.reasons)}" if status.reasons else ""
        # Last, so that a narrow terminal cuts nothing else; a log has this line alone.
        cause = f"   {watch.detail}" if watch is not None and lost and watch.detail else ""
        colour = "bad" if lost else _STATES.get(status.state, "bad")
        counters = status.counters
        refused = sum(counters.not_analysed.values())
        reasons = ", ".join(f"{name} {n}" for name, n in sorted(counters.not_analysed.items()))
        return [
            (f"{state}{why}{invalid}   {engine}   age {self._ages()}{cause}", colour),
            (
                f"frames    {counters.submitted} = analysed {counters.analysed} + "
                f"not analysed {refused} + superseded {counters.superseded} + "
                f"in flight {counters.in_flight}",
                "",
            ),
            (f"reasons   {reasons or '-'}", ""),
            self._finding(latest),
            (
                f"flag      raised {counted(self.raised, 'time')}; "
                f"{counted(self.flagged, 'frame')} suspicious",
                "",
            ),
            (
                f"engine    replaced {counted(status.deaths, 'time')}; "
                f"callback failed {counted(status.callback_errors, 'time')}",
                "",
            ),
            *([] if status.shadow is None else [shadow_line(status.shadow)]),
            self._device(watch),
            ("Research use - not for diagnosis. Ctrl-C ends.", "quiet"),
        ]

    def ages_ms(self) -> dict[str, float | int | None]:
        """Median, 99th percentile and greatest age of the newest results, and how many."""
        if not self._ages_ms:
            return {"p50": None, "p99": None, "max": None, "results": 0}
        ages = np.frombuffer(self._ages_ms.tobytes(), dtype=np.float32)
        p50, p99, most = (round(float(n), 2) for n in np.percentile(ages, (50, 99, 100)))
        return {"p50": p50, "p99": p99, "max": most, "results": len(ages)}

    def _ages(self) -> str:
        if not self._ages_ms:
            return "-"
        ages = self.ages_ms()
        return (
            f"{self._ages_ms[-1]:.1f} ms (p50 {ages['p50']:.1f}, p99 {ages['p99']:.1f} "
            f"of {ages['results']} results)"
        )

    def _finding(self, latest: Analysis | None) -> Line:
        if latest is None:
            return ("picture   no result yet", "")
        if not isinstance(latest, Analysed):
            reasons = ", ".join(reason.value for reason in latest.reasons)
            return (f"picture   NOT ANALYSED: {reasons}", "bad")
        result = verdict(latest)
        suspicions = ", ".join(
            f"{region.suspicion:.2f}"
            + ("" if region.track_id is None else f" (track {region.track_id})")
            for region in latest.regions[:4]
        )
        words = f"{result}; suspicion {suspicions}" if suspicions else str(result)
        return (f"picture   {words}", "look" if result.flag or result.suspicious else "")

    def _device(self, watch: WatchStatus | None) -> Line:
        if watch is None:
            return (f"source    {self._source}", "")
        if watch.lost is not None:
            detail = f": {watch.detail}" if watch.detail else ""
            return (f"source    {self._source} {watch.lost.value}{detail}", "bad")
        return (
            f"source    {self._source}, {counted(watch.pictures, 'picture')}, came back "
            f"{counted(watch.reconnects, 'time')}, changed size {counted(watch.changes, 'time')}",
            "",
        )


def standing(status: Status, watch: WatchStatus | None) -> str:
    """The session's state, and that its source is lost: READY alone would say that all is well."""
    state = status.state.value
    return state if watch is None or watch.lost is None else f"{state}, {watch.lost.value}"


def counted_frames(counters: Counters) -> dict[str, Any]:
    """A live session's counters, as a report has them."""
    return {
        "submitted": counters.submitted,
        "analysed": counters.analysed,
        "not_analysed_by_reason": dict(sorted(counters.not_analysed.items())),
        "superseded": counters.superseded,
        "in_flight": counters.in_flight,
    }


def summary(report: Mapping[str, Any]) -> str:
    """A live session's report for people, a line per figure.

    Args:
        report: counters by name; a mapping within it is written out.
    """
    return "\n".join(
        f"{name.replace('_', ' '):24}{_value(value)}" for name, value in report.items()
    )


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_part(each)}" for key, each in value.items()) or "-"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return str(value)


def _part(value: object) -> str:
    if isinstance(value, Mapping):
        return f"({', '.join(f'{key} {each}' for key, each in value.items())})" if value else "-"
    return "-" if value is None else str(value)
