"""Statuses to make metrics of."""

from __future__ import annotations

from typing import Any

from sonoedge.analysis import NotAnalysed, Origin, Reason
from sonoedge.audit import Anchor
from sonoedge.metrics import FrameTimes
from sonoedge.recording.status import RecordingStatus
from sonoedge.session import Counters, ShadowState, ShadowStatus, State, Status, SwitchStatus

SECRET = "MUELLER_ANNA"
ORIGIN = Origin(
    bundle_id=f"{SECRET}-bundle",
    engine_sha256=SECRET,
    runtime="onnxruntime",
    precision="int8",
    variant=f"{SECRET}-variant",
)
SHADOW = ShadowStatus(
    state=ShadowState.RUNNING,
    bundle_id=SECRET,
    against=SECRET,
    due=9,
    compared=6,
    agreed=4,
    disagreements={"FLAG": 1, "REGIONS": 2},
    not_compared={"SESSION_BUSY": 2},
    in_flight=1,
    failures={"ENGINE_HUNG": 1},
    last_failure="ENGINE_HUNG",
    callback_errors=0,
)
RECORDING = RecordingStatus(
    clips=(f"{SECRET}-1", f"{SECRET}-2"),
    failed=1,
    why=f"no space in {SECRET}",
    lost=3,
    writing=True,
)


def status(**changes: Any) -> Status:
    values: dict[str, Any] = {
        "state": State.DEGRADED,
        "reasons": ("LOG_STORAGE",),
        "valid_until_ns": 10_100_000_000,
        "at_ns": 10_000_000_000,
        "counters": Counters(
            submitted=20,
            analysed=12,
            not_analysed={"NO_CONTACT": 4, "BLACK": 1},
            superseded=2,
            in_flight=1,
        ),
        "deaths": 3,
        "callback_errors": 1,
        "origin": ORIGIN,
        "choice": f"{SECRET} is the fastest",
        "switch": SwitchStatus(
            switched=2, reverted=1, trial_frames_left=7, last_failure="ENGINE_HUNG"
        ),
        "shadow": SHADOW,
        "audit": Anchor(seq=41, hash="a" * 64),
        "beat_ns": 9_960_000_000,
        "answered_ns": 8_500_000_000,
    }
    return Status(**{**values, **changes})


def outcome(age_ms: float, stages_ms: dict[str, float]) -> NotAnalysed:
    return NotAnalysed(
        frame_id=0,
        captured_ns=0,
        age_ms=age_ms,
        stages_ms=stages_ms,
        origin=ORIGIN,
        reasons=(Reason.STALE,),
        detail=SECRET,
        stream=SECRET,
    )


def times() -> FrameTimes:
    made = FrameTimes()
    made.add(outcome(12.0, {"guard": 0.2, "engine": 4.0, SECRET: 1.0}))
    made.add(outcome(3000.0, {"guard": 0.3}))
    return made
