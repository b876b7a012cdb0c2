from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sonoedge.analysis import Analysed, NotAnalysed, Origin, Reason, Region
from sonoedge.session import Counters, ShadowState, ShadowStatus, State, Status
from sonoedge.sources.watch import WatchStatus
from sonoedge.verbs.live_view import LiveView, counted_frames, standing, summary
from sonoedge.verbs.shadow_arguments import shadow_report

ORIGIN = Origin(
    bundle_id="b", engine_sha256="0", runtime="openvino", precision="int8", variant="openvino-int8"
)
COMMON: dict[str, Any] = {"frame_id": 0, "captured_ns": 0, "stages_ms": {}, "origin": ORIGIN}


def status(state: State = State.READY, **changes: Any) -> Status:
    values: dict[str, Any] = {
        "state": state,
        "reasons": (),
        "valid_until_ns": 200_000_000,
        "at_ns": 0,
        "counters": Counters(
            submitted=10,
            analysed=5,
            not_analysed={"NO_CONTACT": 2, "BLACK": 1},
            superseded=1,
            in_flight=1,
        ),
        "deaths": 0,
        "callback_errors": 0,
        "origin": ORIGIN,
        "choice": "",
    }
    return Status(**{**values, **changes})


def result(age_ms: float = 12.0, *, up: bool | None = False, regions: int = 1) -> Analysed:
    region = Region(
        contour_px=np.zeros((3, 2), np.int32),
        box_px=(0, 0, 9, 9),
        area_px=9.0,
        area_mm2=None,
        box_mm=None,
        suspicion=0.9,
        class_probs={},
        flagged=True,
        track_id=4,
    )
    return Analysed(
        age_ms=age_ms, regions=(region,) * regions, class_probs={}, temporal_flag=up, **COMMON
    )


def view(*results: Analysed | NotAnalysed) -> LiveView:
    made = LiveView("/dev/video0", lambda: 0)
    for each in results:
        made.add(each)
    return made


def words(*args: Any) -> str:
    made, *rest = args
    return "\n".join(text for text, _ in made.lines(*rest))


def test_state_validity_and_engine_come_first() -> None:
    (first, colour), *_ = view().lines(status(), None, None)
    assert first == "READY   openvino int8   age -"
    assert colour == "good"


@pytest.mark.parametrize("state", [State.STARTING, State.UNAVAILABLE, State.FAULT])
def test_a_state_without_analysis_is_not_valid_and_says_why(state: State) -> None:
    now = status(state, reasons=("ENGINE_CRASHED",), valid_until_ns=0, origin=None)
    (first, colour), *_ = view().lines(now, None, None)
    assert first == f"{state.value}: ENGINE_CRASHED   NOT VALID   no engine yet   age -"
    assert colour == "bad"


def test_every_frame_is_accounted_for() -> None:
    said = words(view(), status(), None, None)
    assert "10 = analysed 5 + not analysed 3 + superseded 1 + in flight 1" in said
    assert "BLACK 1, NO_CONTACT 2" in said


def test_ages_are_those_of_analysed_frames() -> None:
    refused = NotAnalysed(age_ms=999.0, reasons=(Reason.BLACK,), **COMMON)
    said = words(view(result(10.0), refused, result(20.0)), status(), None, None)
    assert "age 20.0 ms (p50 15.0, p99 19.9 of 2 results)" in said


def test_a_state_that_has_run_out_says_for_how_long_it_has_not_been_valid() -> None:
    (first, _), *_ = LiveView("s", lambda: 500_000_000).lines(status(), None, None)
    assert first.startswith("READY   NOT VALID for 300 ms")


def test_the_temporal_flag_is_said_and_its_rises_are_counted() -> None:
    made = view(*(result(up=up) for up in (False, True, True, False, True)))
    said = words(made, status(), result(up=True), None)
    assert "FLAG: 1 suspicious region; suspicion 0.90 (track 4)" in said
    assert "raised 2 times; 5 frames suspicious" in said
    assert "1 suspicious region, not yet confirmed" in words(made, status(), result(), None)


def test_the_counters_of_a_report_add_up_and_reasons_stand_by_name() -> None:
    counts = counted_frames(status().counters)
    assert counts == {
        "submitted": 10,
        "analysed": 5,
        "not_analysed_by_reason": {"BLACK": 1, "NO_CONTACT": 2},
        "superseded": 1,
        "in_flight": 1,
    }
    assert list(counts["not_analysed_by_reason"]) == ["BLACK", "NO_CONTACT"]


def test_a_summary_is_for_people() -> None:
    report = {
        "source": "clip.mp4",
        "not_analysed_by_reason": {"BLACK": 2, "NO_CONTACT": 1},
        "age_ms": {"p50": 12.5, "p99": None},
        "nothing": {},
    }
    assert summary(report).splitlines() == [
        "source                  clip.mp4",
        "not analysed by reason  BLACK 2, NO_CONTACT 1",
        "age ms                  p50 12.5, p99 -",
        "nothing                 -",
    ]


@pytest.mark.req("R5")
def test_a_result_that_is_none_is_never_shown_as_a_finding() -> None:
    stale = NotAnalysed(age_ms=400.0, reasons=(Reason.STALE,), **COMMON)
    said = words(view(result()), status(), stale, None)
    assert "NOT ANALYSED: STALE" in said
    assert "region" not in said


def test_a_lost_device_is_said_in_the_first_line_too() -> None:
    lost = WatchStatus(lost=Reason.SOURCE_LOST, detail="it is gone")
    lines = view().lines(status(), None, lost)
    assert lines[0][0].startswith("READY, SOURCE_LOST")
    assert lines[0][1] == "bad"
    assert ("source    /dev/video0 SOURCE_LOST: it is gone", "bad") in lines


def test_a_candidate_has_its_line_and_its_part_of_the_summary() -> None:
    shadow = ShadowStatus(
        state=ShadowState.RUNNING,
        bundle_id="c",
        against="b",
        due=2,
        compared=2,
        agreed=1,
        disagreements={"FLAG": 1, "REGIONS": 1},
        not_compared={},
        in_flight=0,
        failures={},
        last_failure="",
        callback_errors=0,
    )
    lines = [line for line, _ in view().lines(status(shadow=shadow), None, None)]
    assert (
        "shadow    RUNNING, 2 frames compared, 1 agreed; disagreements: FLAG 1, REGIONS 1" in lines
    )
    assert not any(line.startswith("shadow") for line, _ in view().lines(status(), None, None))
    words = summary(shadow_report(shadow))
    assert "compared 2, agreed 1, disagreements (FLAG 1, REGIONS 1), not_compared -" in words


def test_a_session_whose_source_is_lost_is_not_ready_alone() -> None:
    lost = WatchStatus(lost=Reason.SOURCE_LOST)
    assert standing(status(), lost) == "READY, SOURCE_LOST"
    assert standing(status(), WatchStatus()) == standing(status(), None) == "READY"
