from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest

from sonoedge.audit import KINDS, AuditLog, record_update
from sonoedge.audit.updates import Step
from sonoedge.errors import InvalidSettings, OutputError

DIGEST = "ab" * 32


@pytest.mark.parametrize("step", get_args(Step))
def test_a_step_is_recorded_and_sealed(log: Any, step: Step) -> None:
    record_update(log.folder, step, DIGEST, passed=False, reason="GOLDEN_MISMATCH")
    values = {"manifest": DIGEST, "passed": False, "reason": "GOLDEN_MISMATCH"}
    assert [r.values for r in log.records(step)] == [values]
    assert log.verify().unsealed == 0
    assert step in KINDS


def test_a_live_session_may_write_to_the_same_log(log: Any) -> None:
    with AuditLog(log.folder) as audit:
        record_update(log.folder, "install", DIGEST, passed=True)
        audit.record("drops", {"session": "s", "reason": "STALE", "count": 1})
        assert audit.flush(30)
        record_update(log.folder, "activate", DIGEST, passed=True)
    assert log.verify().unsealed == 0
    assert {"install", "drops", "activate"} <= {r.kind for r in log.records()}


def test_text_is_refused(log: Any) -> None:
    for manifest, reason in (("/var/bundle", "none"), (DIGEST, "because it is")):
        with pytest.raises(InvalidSettings):
            record_update(log.folder, "install", manifest, passed=True, reason=reason)


def test_a_log_that_cannot_be_written_is_a_typed_error(
    log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.write", lambda *_: 0)
    with pytest.raises(OutputError, match="No space left"):
        record_update(log.folder, "install", DIGEST, passed=True)


def test_what_is_no_log_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="sonoedge audit init"):
        record_update(tmp_path, "install", DIGEST, passed=True)
