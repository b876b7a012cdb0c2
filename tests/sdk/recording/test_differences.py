from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sample_recordings.moments import analysed, refused, region
from sonoedge import Reason
from sonoedge.recording.answer import Answer, answer_of
from sonoedge.recording.differences import beyond_tolerance, exact

LOOSE: dict[str, Any] = {"probs": 1e-3, "threshold": 0.5}


def one(suspicion: float = 0.9, **changes: Any) -> Answer:
    return replace(answer_of(analysed(region(suspicion), up=False)), **changes)


def keys(recorded: Answer, now: Answer) -> list[str]:
    return [difference.key for difference in exact(recorded, now)]


def test_the_same_answer_has_no_differences() -> None:
    assert exact(one(), one()) == ()
    assert beyond_tolerance(one(), one(), **LOOSE) == ()


def test_one_bit_of_a_suspicion_is_a_difference() -> None:
    nearly = one(0.9 * (1 + 2**-52))
    found = exact(one(), nearly)
    assert {d.key for d in found} >= {"suspicion", "regions[0].suspicion"}
    assert beyond_tolerance(one(), nearly, **LOOSE) == ()


def test_each_kind_of_value_is_named() -> None:
    assert keys(one(), one(temporal_flag=True)) == ["temporal_flag"]
    assert keys(one(), one(class_probs={"x": 1.0})) == ["class_probs.x"]
    assert keys(one(), one(regions=())) == ["regions"]
    assert exact(one(), one(regions=()))[0].recorded == "1 entries"
    region_now = replace(one().regions[0], contour_px=((1, 2), (3, 4)))  # type: ignore[index]
    assert keys(one(), one(regions=(region_now,))) == ["regions[0].contour_px"]


@pytest.mark.parametrize(
    "now",
    [
        answer_of(refused(Reason.BLACK)),
        one(temporal_flag=True),
        one(0.1),
        one(class_probs={"x": 1.0}),
        answer_of(analysed(region(x=200), up=False)),
    ],
    ids=["not analysed", "temporal flag", "flag", "probabilities", "elsewhere"],
)
def test_beyond_the_tolerance_lies_what_a_person_would_see(now: Answer) -> None:
    assert beyond_tolerance(one(), now, **LOOSE)


def test_reasons_must_be_the_same_on_every_machine() -> None:
    black, bars = answer_of(refused(Reason.BLACK)), answer_of(refused(Reason.COLOUR_BARS))
    assert beyond_tolerance(black, bars, **LOOSE)[0].key == "reasons"
    assert beyond_tolerance(black, black, **LOOSE) == ()


def test_an_undecided_flag_may_fall_on_another_machine() -> None:
    assert beyond_tolerance(one(0.51), one(0.49), **LOOSE) == ()
    assert exact(one(0.51), one(0.49))
