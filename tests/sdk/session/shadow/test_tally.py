from __future__ import annotations

from scripted_engines import origin_of
from sonoedge import Analysed
from sonoedge.session.shadow.status import ShadowReason, ShadowState
from sonoedge.session.shadow.tally import ShadowTally


def analysed(bundle: str) -> Analysed:
    return Analysed(
        frame_id=0,
        captured_ns=0,
        age_ms=1.0,
        stages_ms={},
        origin=origin_of(bundle),
        regions=(),
        class_probs={},
    )


def test_each_frame_that_is_due_has_one_end() -> None:
    tally, frame = ShadowTally("candidate"), analysed("first")
    for _ in range(4):
        tally.due(frame)
    tally.compared(frame, None)
    tally.left_out(frame, ShadowReason.SESSION_BUSY)
    status = tally.status()
    assert (status.due, status.compared, status.agreed, status.in_flight) == (4, 1, 1, 2)
    assert status.not_compared == {"SESSION_BUSY": 1}
    assert status.balanced


def test_the_end_of_a_frame_of_the_bundle_before_counts_nowhere() -> None:
    tally = ShadowTally("candidate")
    tally.due(analysed("first"))
    tally.failed(ShadowReason.ENGINE_CRASHED, ShadowState.WAITING)
    tally.due(analysed("second"))
    tally.compared(analysed("first"), None)
    tally.left_out(analysed("first"), ShadowReason.ENGINE_CRASHED)
    status = tally.status()
    assert (status.against, status.due, status.compared, status.in_flight) == ("second", 1, 0, 1)
    assert status.failures == {"ENGINE_CRASHED": 1}  # of the whole session
    assert status.state is ShadowState.WAITING
    assert status.balanced


def test_what_is_given_up_stays_so_until_the_session_is_closed() -> None:
    tally = ShadowTally("candidate")
    for state in (ShadowState.GIVEN_UP, ShadowState.RUNNING):
        tally.becomes(state)
        assert tally.status().state is ShadowState.GIVEN_UP
    tally.becomes(ShadowState.CLOSED)
    assert tally.status().state is ShadowState.CLOSED
