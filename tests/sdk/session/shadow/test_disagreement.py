from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from scripted_engines import origin_of
from sonoedge import Analysed, FrameGrade, NotAnalysed, Reason, Region
from sonoedge.analysis import Analysis
from sonoedge.session.shadow.disagreement import Disagreement, DisagreementKind, compare


def region(x: int, suspicion: float, *, flagged: bool = False) -> Region:
    contour = np.array([(x, 0), (x + 100, 0), (x + 100, 100), (x, 100)], dtype=np.int32)
    return Region(
        contour_px=contour,
        box_px=(x, 0, x + 101, 101),
        area_px=1.0,
        area_mm2=None,
        box_mm=None,
        suspicion=suspicion,
        class_probs={},
        flagged=flagged,
    )


def analysed(*regions: Region, grade: FrameGrade | None = None) -> Analysed:
    return Analysed(
        frame_id=7,
        captured_ns=0,
        age_ms=1.0,
        stages_ms={},
        origin=origin_of("first"),
        regions=regions,
        class_probs={},
        grade=grade,
    )


def difference(active: Analysed, candidate: Analysis) -> Disagreement | None:
    return compare(active, candidate, min_iou=0.5, max_suspicion_difference=0.1)


def kinds(active: Analysed, candidate: Analysis) -> set[str]:
    result = difference(active, candidate)
    return set() if result is None else {kind.value for kind in result.kinds}


@pytest.mark.parametrize(
    ("active", "candidate", "expected"),
    [
        (analysed(), analysed(), set()),
        (analysed(region(0, 0.4)), analysed(region(10, 0.45)), set()),
        (analysed(region(0, 0.4)), analysed(region(60, 0.4)), {"REGIONS"}),
        (analysed(region(0, 0.4)), analysed(region(0, 0.6)), {"SUSPICION"}),
        (analysed(region(0, 0.49)), analysed(region(0, 0.51, flagged=True)), {"FLAG"}),
        (analysed(region(0, 0.05)), analysed(), {"REGIONS"}),
        (analysed(), analysed(region(0, 0.9, flagged=True)), {"FLAG", "REGIONS", "SUSPICION"}),
        (
            analysed(grade=FrameGrade(suspicion=0.2, flagged=False)),
            analysed(grade=FrameGrade(suspicion=0.25, flagged=False)),
            set(),
        ),
        (
            analysed(grade=FrameGrade(suspicion=0.2, flagged=False)),
            analysed(region(0, 0.2)),  # where, only one of them says
            set(),
        ),
    ],
)
def test_kinds_of_disagreement(active: Analysed, candidate: Analysed, expected: set[str]) -> None:
    assert kinds(active, candidate) == expected


@pytest.mark.req("R48")
def test_a_candidate_that_did_not_analyse_never_reads_as_agreement() -> None:
    refused = NotAnalysed(
        frame_id=7,
        captured_ns=0,
        age_ms=1.0,
        stages_ms={},
        origin=origin_of("second"),
        reasons=(Reason.OUT_OF_SCOPE,),
    )
    result = difference(analysed(), refused)
    assert result is not None
    assert result.kinds == (DisagreementKind.NOT_ANALYSED,)
    assert result.reason == "OUT_OF_SCOPE"
    assert result.candidate_flagged is None
    assert result.lowest_iou is None


def test_a_disagreement_holds_tokens_and_numbers_and_nothing_of_the_picture() -> None:
    result = difference(analysed(), analysed(region(0, 0.9, flagged=True)))
    assert result is not None
    values = dataclasses.asdict(result)
    assert values == {
        "frame_id": 7,
        "kinds": (DisagreementKind.FLAG, DisagreementKind.REGIONS, DisagreementKind.SUSPICION),
        "active_flagged": False,
        "candidate_flagged": True,
        "active_suspicion": None,
        "candidate_suspicion": 0.9,
        "lowest_iou": 0.0,
        "reason": "",
    }
