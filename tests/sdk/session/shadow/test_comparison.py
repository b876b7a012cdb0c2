from __future__ import annotations

import logging

import pytest

from scripted_engines import origin_of
from sonoedge import Analysed, NotAnalysed, Reason
from sonoedge.session import Disagreement, Shadow
from sonoedge.session.shadow.comparison import Comparisons
from sonoedge.session.shadow.tally import ShadowTally

VALUES = {"frame_id": 7, "captured_ns": 0, "age_ms": 1.0, "stages_ms": {}}
ACTIVE = Analysed(regions=(), class_probs={}, origin=origin_of("first"), **VALUES)  # type: ignore[arg-type]
REFUSED = NotAnalysed(
    reasons=(Reason.OUT_OF_SCOPE,),
    detail="Doe^Jane",
    origin=origin_of("second"),
    **VALUES,  # type: ignore[arg-type]
)


def test_the_log_and_the_callback_get_tokens_and_numbers_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told: list[Disagreement] = []
    tally = ShadowTally("second")
    tally.due(ACTIVE)
    with caplog.at_level(logging.INFO, "sonoedge.shadow"):
        Comparisons(Shadow(bundle="x", on_disagreement=told.append), tally).take(ACTIVE, REFUSED)
    assert [record.getMessage() for record in caplog.records] == ["frame 7: NOT_ANALYSED"]
    assert [d.reason for d in told] == ["OUT_OF_SCOPE"]
    assert "Doe" not in repr(told)
    assert tally.status().disagreements == {"NOT_ANALYSED": 1}


def test_agreement_is_counted_and_nobody_is_told(caplog: pytest.LogCaptureFixture) -> None:
    tally = ShadowTally("second")
    tally.due(ACTIVE)
    with caplog.at_level(logging.INFO, "sonoedge.shadow"):
        Comparisons(Shadow(bundle="x"), tally).take(ACTIVE, ACTIVE)
    assert caplog.records == []
    assert (tally.status().agreed, tally.status().in_flight) == (1, 0)
