from __future__ import annotations

import numpy as np
import pytest

from sonoedge.scope.taught import TaughtScope, TaughtScopes, nearness


def scope(name: str, *prototype: float) -> TaughtScope:
    return TaughtScope(
        name=name, prototype=prototype, in_scope_mean=(0.0, 0.0, 1.0), threshold=0.0, frames=10,
        taught_stopped=10, in_scope_frames=30, false_stops=0, variant="v", created="2026",
    )  # fmt: skip


def test_the_nearest_taught_scope_stops_a_frame_and_one_in_scope_passes() -> None:
    scopes = TaughtScopes([scope("bone", 1, 0, 0), scope("knee", 0, 1, 0)])
    stop = scopes.stop(np.array([0.1, 0.9, 0.1], np.float32))
    assert stop is not None
    assert stop.name == "knee"
    assert stop.beyond > 0
    assert scopes.stop(np.array([0, 0, 1], np.float32)) is None


def test_a_frame_right_at_the_threshold_is_stopped() -> None:
    middle = np.array([0.5, 0, 0.5])
    assert nearness(middle, np.array([1, 0, 0]), np.array([0, 0, 1])) == pytest.approx(0)
    assert TaughtScopes([scope("bone", 1, 0, 0)]).stop(middle) is not None
