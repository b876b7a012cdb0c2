"""A session's status as Prometheus text.

Names follow Prometheus' conventions: base units, `_total` for what only rises. Each value of a
closed set has its sample from the first moment on, so that a rate can be taken of the first fault.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sonoedge.analysis import Origin, Reason
from sonoedge.metrics.families_beside import audit, recording, shadow
from sonoedge.metrics.text import family, single
from sonoedge.metrics.times import FrameTimes
from sonoedge.metrics.tokens import OTHER, by_token
from sonoedge.recording.status import RecordingStatus
from sonoedge.runtime import RUNTIMES
from sonoedge.session.states import State, StateReason, Status

_PRECISIONS: Final = frozenset(p for entry in RUNTIMES.values() for p in entry.precisions)


def exposition(
    status: Status,
    *,
    times: FrameTimes | None = None,
    recording_status: RecordingStatus | None = None,
    at_s: float | None = None,
) -> str:
    """The text, without anything that could name a patient, a file, a device or a stream.

    Args:
        status: `LiveSession.status()`.
        times: what it counted of the outcomes; None leaves its two histograms out.
        recording_status: `LiveSession.recording`; None leaves its metrics out.
        at_s: the wall clock's time, seconds since 1970: it tells a scraper how old a file is.
    """
    parts = [
        *_state(status),
        *_frames(status),
        *_engine(status),
        *_switch(status),
        *shadow(status.shadow),
        *audit(status.audit),
        *recording(recording_status),
        "" if times is None else times.text(),
    ]
    if at_s is not None:
        what = "When this was taken, by the wall clock."
        parts.append(single("exposition_timestamp_seconds", "gauge", what, at_s))
    return "".join(parts)


def _state(status: Status) -> Iterable[str]:
    states = [({"state": s.value}, int(s is status.state)) for s in State]
    yield family("state", "gauge", "1 for the state that the session is in.", states)
    reasons = [({"reason": r.value}, int(r.value in status.reasons)) for r in StateReason]
    yield family("state_reason", "gauge", "1 for each reason of the state.", reasons)
    yield single(
        "valid",
        "gauge",
        "Whether analysis may be relied on at this moment.",
        int(status.at_ns < status.valid_until_ns),
    )
    yield single(
        "beat_age_seconds",
        "gauge",
        "Since the session's thread last went round.",
        _age_s(status, status.beat_ns),
    )
    if status.answered_ns is not None:
        what = "Since the engine analysed a frame in time or answered a golden frame rightly."
        yield single("answer_age_seconds", "gauge", what, _age_s(status, status.answered_ns))


def _age_s(status: Status, then_ns: int) -> float:
    return max(0.0, (status.at_ns - then_ns) / 1e9)


def _frames(status: Status) -> Iterable[str]:
    counters = status.counters
    outcomes = [
        ({"outcome": "analysed"}, counters.analysed),
        ({"outcome": "not_analysed"}, sum(counters.not_analysed.values())),
        ({"outcome": "superseded"}, counters.superseded),
    ]
    yield single("frames_submitted", "counter", "Frames that came.", counters.submitted)
    yield family("frames", "counter", "Frames by their outcome.", outcomes)
    yield single("frames_in_flight", "gauge", "Without an outcome yet.", counters.in_flight)
    why = by_token("reason", Reason, counters.not_analysed)
    yield family("frames_not_analysed", "counter", "By the first of their reasons.", why)


def _engine(status: Status) -> Iterable[str]:
    yield single(
        "engine_replacements", "counter", "Times the engine had to be replaced.", status.deaths
    )
    yield single(
        "callback_errors", "counter", "Times the host's callback raised.", status.callback_errors
    )
    if (origin := status.origin) is not None:
        info = [(_engine_labels(origin), 1)]
        yield family("engine_info", "gauge", "Which engine runs; always 1.", info)


def _engine_labels(origin: Origin) -> dict[str, str]:
    """Of closed sets, whatever a bundle's manifest says."""
    return {
        "runtime": origin.runtime if origin.runtime in RUNTIMES else OTHER,
        "precision": origin.precision if origin.precision in _PRECISIONS else OTHER,
        "placement": origin.placement if origin.placement in ("free", "pinned") else OTHER,
    }


def _switch(status: Status) -> Iterable[str]:
    switch = status.switch
    yield single("switches", "counter", "Times another bundle took over.", switch.switched)
    yield single("switch_reverts", "counter", "Times a bundle failed on trial.", switch.reverted)
    yield single(
        "switch_trial_frames", "gauge", "Left of a bundle's trial.", switch.trial_frames_left
    )
