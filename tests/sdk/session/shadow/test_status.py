from __future__ import annotations

import dataclasses

from sonoedge.session import ShadowState, ShadowStatus

STATUS = ShadowStatus(
    state=ShadowState.RUNNING,
    bundle_id="candidate",
    against="first",
    due=10,
    compared=6,
    agreed=5,
    disagreements={"FLAG": 1},
    not_compared={"SESSION_BUSY": 2, "SUPERSEDED": 1},
    in_flight=1,
    failures={},
    last_failure="",
    callback_errors=0,
)


def test_every_frame_that_is_due_is_accounted_for() -> None:
    assert STATUS.balanced
    assert not dataclasses.replace(STATUS, in_flight=0).balanced
    assert not dataclasses.replace(STATUS, due=11).balanced
