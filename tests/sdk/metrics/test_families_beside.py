from __future__ import annotations

from metric_samples import RECORDING, SECRET, SHADOW
from sonoedge.audit import Anchor
from sonoedge.metrics.families_beside import audit, recording, shadow


def test_what_does_not_run_has_no_metric() -> None:
    assert [*shadow(None), *audit(None), *recording(None)] == []


def test_what_runs_is_told_without_its_names() -> None:
    text = "".join([*shadow(SHADOW), *audit(Anchor(seq=7, hash="b" * 64)), *recording(RECORDING)])
    assert 'sonoedge_shadow_state{state="RUNNING"} 1\n' in text
    assert "sonoedge_audit_sequence_number 7\n" in text
    assert "sonoedge_recording_lost_frames_total 3\n" in text
    assert SECRET not in text
    assert "b" * 64 not in text
