from __future__ import annotations

from sonoedge.archive.outcome import Done, ItemOutcome


def test_a_result_crosses_as_one_line() -> None:
    done = Done(item="a", name="ö\n", outcome=ItemOutcome.TIMEOUT, detail='"', seconds=1.5)
    assert "\n" not in done.to_json()
    assert Done.from_json(done.to_json()) == done
