from __future__ import annotations

import numpy as np
import pytest

from sonoedge import Analysed, Frame, NotAnalysed, Origin, Reason
from sonoedge.session.mailbox import Submission
from sonoedge.session.outcomes import Outcomes

MS = 1_000_000
NOBODY = Origin(bundle_id="b", engine_sha256="", runtime="", precision="", variant="")
ENGINE = Origin(bundle_id="b", engine_sha256="x", runtime="r", precision="fp32", variant="v")
SUBMISSION = Submission(
    frame_id=7, stream="s", frame=Frame(pixels=np.zeros((1, 1), np.uint8)), born_ns=100 * MS
)


@pytest.fixture
def outcomes() -> Outcomes:
    return Outcomes(max_age_ns=50 * MS, placeholder=NOBODY, clock_ns=lambda: 130 * MS)


@pytest.fixture
def answer() -> Analysed:
    return Analysed(
        frame_id=0,
        captured_ns=100 * MS,
        age_ms=0.0,
        stages_ms={"engine": 3.0},
        origin=ENGINE,
        regions=(),
        class_probs={},
    )


def test_an_answer_gets_its_frames_number_stream_and_age(
    outcomes: Outcomes, answer: Analysed
) -> None:
    aged = outcomes.aged(SUBMISSION, answer, 150 * MS)
    assert isinstance(aged, Analysed)
    assert (aged.frame_id, aged.stream, aged.age_ms) == (7, "s", 50.0)


@pytest.mark.req("R15")
def test_an_answer_that_is_too_old_is_none_and_keeps_what_it_took(
    outcomes: Outcomes, answer: Analysed
) -> None:
    stale = outcomes.aged(SUBMISSION, answer, 151 * MS)
    assert isinstance(stale, NotAnalysed)
    assert stale.reasons == (Reason.STALE,)
    assert stale.detail == "51 ms old"
    assert (stale.stages_ms, stale.origin) == ({"engine": 3.0}, ENGINE)


def test_a_refusal_never_grows_stale(outcomes: Outcomes) -> None:
    refused = outcomes.refused(SUBMISSION, Reason.PAUSED)
    later = outcomes.aged(SUBMISSION, refused, 1000 * MS)
    assert isinstance(later, NotAnalysed)
    assert (later.reasons, later.age_ms) == ((Reason.PAUSED,), 900.0)


def test_a_refusal_names_the_engine_once_there_is_one(outcomes: Outcomes) -> None:
    assert outcomes.refused(SUBMISSION, Reason.STARTING).origin == NOBODY
    outcomes.origin = ENGINE
    refused = outcomes.refused(SUBMISSION, Reason.PAUSED, "why")
    assert (refused.origin, refused.detail, refused.age_ms) == (ENGINE, "why", 30.0)
