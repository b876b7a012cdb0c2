from __future__ import annotations

import math
from typing import Any

import pytest

import sonoedge
from sonoedge.errors import InvalidSettings
from sonoedge.session import Shadow


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"bundle": 5}, "bundle must be a folder"),
        ({"every": 0}, "every must be a whole number from 1"),
        ({"every": 2.5}, "every must be a whole number"),
        ({"every": True}, "every must be a whole number"),
        ({"min_iou": math.nan}, "min_iou must be a number"),
        ({"max_suspicion_difference": 2}, "max_suspicion_difference must be"),
        ({"engine": "openvino"}, "engine must be EngineOptions"),
        ({"trust": "all"}, "trust must be a TrustPolicy"),
        ({"deadline_ms": 0}, "deadline_ms must be"),
        ({"priority": "realtime"}, "priority is 'realtime'; allowed: idle, low, equal"),
        ({"memory_mb": 1}, "memory_mb must be a whole number from 64"),
        ({"restarts": -1}, "restarts must be"),
        ({"on_disagreement": 1}, "on_disagreement must be a function"),
    ],
)
def test_what_cannot_be_meant_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidSettings, match=message):
        Shadow(**({"bundle": "candidate"} | values))


def test_a_session_refuses_what_is_no_shadow_and_a_shadow_in_a_thread() -> None:
    with pytest.raises(InvalidSettings, match="shadow must be a Shadow"):
        sonoedge.live("bundle", shadow="candidate")  # type: ignore[arg-type]
    with pytest.raises(InvalidSettings, match="isolation"):
        sonoedge.live("bundle", isolation="thread", shadow=Shadow(bundle="candidate"))
