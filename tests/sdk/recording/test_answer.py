from __future__ import annotations

import json
from typing import Any

import pytest

from sample_recordings.moments import analysed, refused, region
from sonoedge import FrameGrade, Reason
from sonoedge.errors import InvalidSettings
from sonoedge.outputs.jsonl import line
from sonoedge.recording.answer import answer_from, answer_of


def test_a_line_of_json_lines_holds_every_bit_of_an_answer() -> None:
    suspicion = 0.1 + 0.2
    analysis = analysed(region(suspicion, track_id=3), region(1 / 3), up=True)
    assert answer_from(json.loads(line(analysis))) == answer_of(analysis)


def test_times_and_place_are_not_compared() -> None:
    assert answer_of(analysed(frame_id=1)) == answer_of(analysed(frame_id=2))


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": "perhaps"},
        {"outcome": "not_analysed"},
        {"reasons": ["BLACK"]},
        {"flagged": None},
        {"regions": [{}]},
        {"regions": [3]},
        {"class_probs": {"x": "much"}},
    ],
)
def test_a_line_that_contradicts_itself_is_refused(change: dict[str, Any]) -> None:
    values = json.loads(line(analysed(region())))
    with pytest.raises(InvalidSettings):
        answer_from(values | change)


def test_golden_regions_are_those_of_the_answer_or_its_grade() -> None:
    from dataclasses import replace

    assert answer_of(analysed(region(0.9))).golden().flagged
    assert answer_of(refused(Reason.BLACK)).golden().regions == ()
    graded = replace(analysed(), grade=FrameGrade(suspicion=0.7, flagged=True))
    golden = answer_of(graded).golden()
    assert (golden.flagged, golden.suspicion) == (True, 0.7)
