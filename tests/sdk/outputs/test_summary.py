from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np
import pytest

from sonoedge.analysis import Analysed, FrameGrade, NotAnalysed, Origin, Reason, Region
from sonoedge.outputs.summary import Tally, text

ORIGIN = Origin(bundle_id="b", engine_sha256="", runtime="r", precision="p", variant="v")
COMMON: dict[str, Any] = {"frame_id": 0, "captured_ns": 0, "age_ms": 1.0, "origin": ORIGIN}


def analysed(engine_ms: float = 8.0, *, flagged: bool = False) -> Analysed:
    region = Region(
        contour_px=np.zeros((3, 2), dtype=np.int32),
        box_px=(0, 0, 1, 1),
        area_px=1.0,
        area_mm2=None,
        box_mm=None,
        suspicion=0.5,
        class_probs={},
        flagged=flagged,
    )
    stages = {"guard": 0.25, "preprocess": 0.5, "engine": engine_ms, "postprocess": 0.25}
    return Analysed(stages_ms=stages, regions=(region,), class_probs={}, **COMMON)


def tracked(up: bool | None) -> Analysed:
    return Analysed(stages_ms={}, regions=(), class_probs={}, temporal_flag=up, **COMMON)


def refused(*reasons: Reason) -> NotAnalysed:
    return NotAnalysed(stages_ms={"guard": 0.125}, reasons=reasons, **COMMON)


def ticking(step_ns: int) -> Callable[[], int]:
    ticks = count(step=step_ns)
    return lambda: next(ticks)


def test_every_frame_is_counted_once_and_every_reason_by_its_name() -> None:
    tally = Tally()
    for analysis in (
        analysed(),
        analysed(flagged=True),
        refused(Reason.SATURATED),
        refused(Reason.SATURATED, Reason.FRAME_FROZEN),
    ):
        tally.add(analysis)
    report = tally.report()
    assert report["frames"] == 4
    assert report["analysed"] == 2
    assert report["flagged"] == 1
    assert report["not_analysed"] == 2
    assert report["not_analysed_by_reason"] == {"FRAME_FROZEN": 1, "SATURATED": 2}


def test_latencies_are_those_of_analysed_frames_alone() -> None:
    tally = Tally()
    for engine_ms in range(1, 102):
        tally.add(analysed(float(engine_ms)))
        tally.add(refused(Reason.CONSTANT))
    report = tally.report()
    assert report["stages_ms"]["engine"] == {"p50": 51.0, "p99": 100.0}
    assert report["stages_ms"]["guard"] == {"p50": 0.25, "p99": 0.25}
    assert report["total_ms"] == {"p50": 52.0, "p99": 101.0}


def test_a_temporal_flag_counts_once_however_long_it_is_up() -> None:
    tally = Tally()
    for up in (False, True, True, False, True, None):
        tally.add(tracked(up))
    assert tally.report()["temporal_flag_raised"] == 2
    assert tally.report()["temporal_flag_frames"] == 3


def test_the_rate_is_frames_over_the_whole_time_of_the_run() -> None:
    tally = Tally(clock_ns=ticking(2_000_000_000))
    for _ in range(5):
        tally.add(refused(Reason.CONSTANT))
    report = tally.report()
    assert report["elapsed_s"] == 2.0
    assert report["rate_fps"] == 2.5


def test_a_run_without_frames_has_no_latency_and_no_rate_made_up() -> None:
    report = Tally(clock_ns=ticking(0)).report()
    assert report["stages_ms"]["engine"] == {"p50": None, "p99": None}
    assert report["rate_fps"] is None
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert "p50" not in text(report)


def test_a_report_for_people_says_counts_reasons_and_latencies() -> None:
    tally = Tally(clock_ns=ticking(1_000_000_000))
    tally.add(analysed(8.0, flagged=True))
    tally.add(refused(Reason.SATURATED))
    assert text(tally.report()).splitlines() == [
        "frames        2 in 1.0 s, 2.0 per second",
        "analysed      1, of these suspicious 1",
        "not analysed  1: SATURATED 1",
        "ms a frame         p50       p99",
        "guard             0.25      0.25",
        "preprocess        0.50      0.50",
        "engine            8.00      8.00",
        "postprocess       0.25      0.25",
        "total             9.00      9.00",
    ]


@pytest.mark.parametrize("frames", [0, 3])
def test_reporting_changes_nothing(frames: int) -> None:
    tally = Tally(clock_ns=lambda: 0)
    for _ in range(frames):
        tally.add(analysed())
    assert tally.report() == tally.report()


def test_where_the_time_went_is_said_apart_from_the_engine() -> None:
    tally = Tally(clock_ns=ticking(1_000_000_000))
    tally.add(analysed(8.0))
    tally.spend(0, 100_000_000, 300_000_000, 900_000_000)
    tally.spend(0, 100_000_000, 300_000_000, 900_000_000)
    report = tally.report()
    assert report["steps_s"] == {"reading": 0.2, "analysing": 0.4, "writing": 1.2}
    assert text(report).splitlines()[0] == (
        "frames        1 in 1.0 s, 1.0 per second: reading 0.2 s, analysing 0.4 s, writing 1.2 s"
    )


def test_a_tracked_run_says_how_often_the_flag_was_raised() -> None:
    tally = Tally(clock_ns=ticking(1_000_000_000))
    tally.add(dataclasses.replace(analysed(8.0), temporal_flag=True))
    assert "flag          raised 1 time, up in 1 frame" in text(tally.report()).splitlines()


def test_a_network_that_classifies_alone_is_said_to() -> None:
    tally = Tally(clock_ns=ticking(1_000_000_000))
    grade = FrameGrade(suspicion=0.9, flagged=True)
    tally.add(dataclasses.replace(analysed(8.0), regions=(), grade=grade))
    report = tally.report()
    assert report["localised"] is False
    assert "suspicious 1 (no localisation: the network classifies alone)" in text(report)
