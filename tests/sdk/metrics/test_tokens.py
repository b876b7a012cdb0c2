from __future__ import annotations

from sonoedge.metrics.tokens import by_token
from sonoedge.session import ShadowState


def test_every_member_has_a_sample_and_the_rest_is_counted_together() -> None:
    counts = {"RUNNING": 2, "a patient": 3, "another": 4}
    made = {labels["x"]: count for labels, count in by_token("x", ShadowState, counts)}
    assert made == {s.value: 0 for s in ShadowState} | {"RUNNING": 2, "other": 7}
    assert "other" not in {labels["x"] for labels, _ in by_token("x", ShadowState, {})}
