"""A candidate's counts are recorded as differences, and begin anew with another bundle."""

from __future__ import annotations

from collections.abc import Iterator

from sonoedge.audit.shadow_counts import ShadowCounts
from sonoedge.session import ShadowState, ShadowStatus


def status(against: str, compared: int, flags: int, failures: int = 0) -> ShadowStatus:
    return ShadowStatus(
        state=ShadowState.RUNNING,
        bundle_id="candidate",
        against=against,
        due=compared,
        compared=compared,
        agreed=compared - flags,
        disagreements={"FLAG": flags},
        not_compared={},
        in_flight=0,
        failures={"ENGINE_CRASHED": failures} if failures else {},
        last_failure="",
        callback_errors=0,
    )


def test_each_record_tells_what_is_new_and_nothing_is_told_of_nothing() -> None:
    moments: Iterator[ShadowStatus] = iter(
        [status("a", 4, 1), status("a", 4, 1), status("a", 9, 3, 1), status("b", 2, 0, 1)]
    )
    counts = ShadowCounts("0" * 64, lambda: next(moments))
    told = [list(counts.record()) for _ in range(4)]
    nothing = {"regions": 0, "suspicions": 0, "not_analysed": 0}
    first = {"candidate": "0" * 64, "compared": 4, "failures": 0, "flags": 1, **nothing}
    assert told[0] == [("shadow", first)]
    assert told[1] == []
    assert told[2] == [("shadow", first | {"compared": 5, "failures": 1, "flags": 2})]
    assert told[3][0][1]["failures"] == 0
    assert told[3][0][1]["compared"] == 2
