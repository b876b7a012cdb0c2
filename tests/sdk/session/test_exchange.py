from __future__ import annotations

from scripted_engines import origin_of
from sonoedge import Analysed, Frame, NotAnalysed, Reason
from sonoedge.session import HealthRules
from sonoedge.session.engine import EngineReady
from sonoedge.session.exchange import Exchange
from sonoedge.session.mailbox import Submission
from sonoedge_bench.reliability.drive import speckle

PIXELS = speckle(0, height=16, width=16)


def exchange() -> Exchange:
    made = Exchange(
        max_age_ns=10**9,
        rules=HealthRules(),
        placeholder=origin_of(""),
        delivers=False,
        clock_ns=lambda: 1000,
    )
    made.standing.engine_ready(EngineReady(origin=origin_of("first"), choice="", golden=1))
    return made


def put(made: Exchange, stream: str) -> None:
    frame = Frame(pixels=PIXELS, captured_ns=1000)
    frame_id = made.open()
    made.put(Submission(frame_id=frame_id, stream=stream, frame=frame, born_ns=1000))


def analysed(made: Exchange, stream: str, bundle: str) -> None:
    put(made, stream)
    submission = made.take()
    assert submission is not None
    made.finish(
        submission,
        Analysed(
            frame_id=0,
            captured_ns=1000,
            age_ms=0.0,
            stages_ms={},
            origin=origin_of(bundle),
            regions=(),
            class_probs={},
        ),
    )


def test_only_results_of_the_engine_that_is_distrusted_are_taken_back() -> None:
    made = exchange()
    analysed(made, "left", "first")
    analysed(made, "right", "second")
    made.distrust(origin_of("second"))
    assert isinstance(made.latest("left"), Analysed)
    right = made.latest("right")
    assert isinstance(right, NotAnalysed)
    assert right.reasons == (Reason.ENGINE_OUTPUT_INVALID,)
    assert made.status().counters.balanced


def test_a_session_is_calm_only_while_it_is_ready_and_no_frame_waits() -> None:
    made = exchange()
    assert made.is_calm()
    put(made, "left")
    assert not made.is_calm()
    assert made.take() is not None
    assert made.is_calm()
    made.callback_failed()
    assert not made.is_calm()  # DEGRADED
