"""Metrics of what runs beside a session: its candidate bundle, audit log and recording."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sonoedge.metrics.text import family, single
from sonoedge.metrics.tokens import by_token
from sonoedge.recording.status import RecordingStatus
from sonoedge.session.shadow.disagreement import DisagreementKind
from sonoedge.session.shadow.status import ShadowReason, ShadowState, ShadowStatus

if TYPE_CHECKING:
    from sonoedge.audit import Anchor


def shadow(status: ShadowStatus | None) -> Iterable[str]:
    """Of the candidate; its counts begin anew with each bundle that it is compared with."""
    if status is None:
        return
    states = [({"state": s.value}, int(s is status.state)) for s in ShadowState]
    yield family("shadow_state", "gauge", "1 for what the candidate is doing.", states)
    yield single("shadow_frames_due", "counter", "It was to be shown.", status.due)
    yield single("shadow_frames_compared", "counter", "Both have answered.", status.compared)
    yield single("shadow_frames_agreed", "counter", "Without any disagreement.", status.agreed)
    kinds = by_token("kind", DisagreementKind, status.disagreements)
    yield family("shadow_disagreements", "counter", "Frames by what they differ in.", kinds)
    why = by_token("reason", ShadowReason, status.not_compared)
    yield family("shadow_frames_not_compared", "counter", "By their reason.", why)
    failures = by_token("reason", ShadowReason, status.failures)
    yield family("shadow_failures", "counter", "Of the candidate, by reason.", failures)


def audit(anchor: Anchor | None) -> Iterable[str]:
    """Of the log."""
    if anchor is not None:
        yield single(
            "audit_sequence_number", "gauge", "Of the audit log's newest record.", anchor.seq
        )


def recording(status: RecordingStatus | None) -> Iterable[str]:
    """Of the clips."""
    if status is None:
        return
    yield single("recording_clips", "counter", "Clips that were written.", len(status.clips))
    yield single("recording_failures", "counter", "Clips that could not be written.", status.failed)
    yield single("recording_lost_frames", "counter", "Frames that no clip could take.", status.lost)
    yield single(
        "recording_writing", "gauge", "Whether a clip is in the making.", int(status.writing)
    )
