"""What a run came to: counts, reasons and latencies."""

from __future__ import annotations

import time
from array import array
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from sonoedge.analysis import Analysed, Analysis
from sonoedge.findings import STAGES
from sonoedge.outputs.wording import counted

Clock = Callable[[], int]
STEPS: Final = ("reading", "analysing", "writing")


class Tally:
    """Counts analyses as they come.

    Latencies are those of analysed frames alone: a frame that the guard stopped is
    quick and would flatter them. Raw samples are kept, 20 bytes per frame.

    Args:
        clock_ns: a monotonic clock in nanoseconds; read at the start and by `report`.
    """

    def __init__(self, clock_ns: Clock = time.monotonic_ns) -> None:
        self._clock_ns = clock_ns
        self._begin_ns = clock_ns()
        self._reasons: Counter[str] = Counter()
        self._samples_ms = {stage: array("f") for stage in (*STAGES, "total")}
        self.frames = self.analysed = self.flagged = self.flag_up = self.flag_raised = 0
        self._up = False
        self._classified_alone = self._tracked = 0
        self._spent_ns = dict.fromkeys(STEPS, 0)

    def spend(self, *marks_ns: int) -> None:
        """Count where one frame's time went.

        Args:
            marks_ns: the clock before reading it, before analysing, before writing, and after.
        """
        for step, begin, end in zip(STEPS, marks_ns, marks_ns[1:], strict=False):
            self._spent_ns[step] += end - begin

    def add(self, analysis: Analysis) -> None:
        """Count one frame. A frame with two reasons counts under each."""
        self.frames += 1
        if not isinstance(analysis, Analysed):
            self._reasons.update(reason.value for reason in analysis.reasons)
            return
        self.analysed += 1
        self.flagged += analysis.flagged
        self._classified_alone += not analysis.localised
        self._tracked += analysis.temporal_flag is not None
        up = bool(analysis.temporal_flag)
        self.flag_up += up
        self.flag_raised += up and not self._up
        self._up = up
        for stage, ms in analysis.stages_ms.items():
            self._samples_ms[stage].append(ms)
        self._samples_ms["total"].append(sum(analysis.stages_ms.values()))

    def report(self) -> dict[str, Any]:
        """The summary as plain values; p50 and p99 are None where nothing was analysed.

        `rate_fps` is what the whole run came to: reading and writing included; `steps_s`
        says how much of it was which. `localised` is False where the network classifies
        alone, so that no frame can have a region; None where no frame was analysed.
        """
        elapsed_s = (self._clock_ns() - self._begin_ns) / 1e9
        spread = {stage: _spread(samples) for stage, samples in self._samples_ms.items()}
        return {
            "frames": self.frames,
            "analysed": self.analysed,
            "not_analysed": self.frames - self.analysed,
            "not_analysed_by_reason": dict(sorted(self._reasons.items())),
            "flagged": self.flagged,
            "localised": self._classified_alone == 0 if self.analysed else None,
            "tracked": self._tracked > 0,
            "temporal_flag_frames": self.flag_up,
            "temporal_flag_raised": self.flag_raised,
            "stages_ms": {stage: spread[stage] for stage in STAGES},
            "total_ms": spread["total"],
            "elapsed_s": elapsed_s,
            "steps_s": {step: ns / 1e9 for step, ns in self._spent_ns.items()},
            "rate_fps": self.frames / elapsed_s if elapsed_s > 0 else None,
        }


def text(report: dict[str, Any]) -> str:
    """A report for people, several lines."""
    reasons = ", ".join(f"{name} {n}" for name, n in report["not_analysed_by_reason"].items())
    rate = "" if report["rate_fps"] is None else f", {report['rate_fps']:.1f} per second"
    steps = ", ".join(f"{name} {s:.1f} s" for name, s in report["steps_s"].items() if s)
    alone = " (no localisation: the network classifies alone)"
    lines = [
        f"frames        {report['frames']} in {report['elapsed_s']:.1f} s{rate}"
        + (f": {steps}" if steps else ""),
        f"analysed      {report['analysed']}, of these suspicious {report['flagged']}"
        + (alone if report["localised"] is False else ""),
    ]
    if report["tracked"]:
        lines.append(
            f"flag          raised {counted(report['temporal_flag_raised'], 'time')}, "
            f"up in {counted(report['temporal_flag_frames'], 'frame')}"
        )
    lines.append(f"not analysed  {report['not_analysed']}" + (f": {reasons}" if reasons else ""))
    if report["analysed"]:
        lines.append(f"{'ms a frame':12}  {'p50':>8}  {'p99':>8}")
        for name, spread in (*report["stages_ms"].items(), ("total", report["total_ms"])):
            if spread["p50"] is not None:
                lines.append(f"{name:12}  {spread['p50']:8.2f}  {spread['p99']:8.2f}")
    return "\n".join(lines)


def _spread(samples_ms: array[float]) -> dict[str, float | None]:
    if not samples_ms:
        return {"p50": None, "p99": None}
    p50, p99 = np.percentile(np.frombuffer(samples_ms, dtype=np.float32), (50, 99))
    return {"p50": float(p50), "p99": float(p99)}
