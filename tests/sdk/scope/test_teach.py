from __future__ import annotations

from datetime import datetime, timezone

import numpy as np
import pytest

from sonoedge.errors import InvalidData, ScopeRefused
from sonoedge.scope.embeddings import Embedded
from sonoedge.scope.teach import Lesson, replaced, teach

AWAY, HERE = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)


def frames(centre: tuple[float, ...], count: int, name: str) -> Embedded:
    rng = np.random.default_rng(len(name))
    vectors = np.array(centre) + rng.normal(0, 0.02, (count, 3))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return Embedded(
        vectors=unit.astype(np.float32), sha256=tuple(f"{name}{n}" for n in range(count))
    )


def taught(count: int = 12, golden: tuple[float, ...] = HERE) -> Lesson:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    return teach(
        "bone",
        frames(AWAY, count, "away"),
        frames(HERE, 30, "here"),
        frames(golden, 3, "golden"),
        variant="v",
        now=now,
    )


def test_a_lesson_says_what_it_is_worth() -> None:
    scope = taught().scope
    assert (scope.frames, scope.taught_stopped, scope.in_scope_frames) == (12, 12, 30)
    assert (scope.false_stops, scope.created) == (0, "2026-01-02T03:04:05+00:00")


def test_fifty_of_more_are_taken_evenly_and_the_others_judge() -> None:
    lesson = taught(130)
    assert (lesson.scope.frames, lesson.others, lesson.others_stopped) == (50, 80, 80)


def test_a_golden_frame_that_would_be_stopped_refuses_the_lesson() -> None:
    with pytest.raises(ScopeRefused, match="3 of the bundle's 3 golden frames"):
        taught(golden=AWAY)


def test_a_frame_in_both_sets_is_an_error() -> None:
    with pytest.raises(InvalidData, match="12 of the frames to be taught are among"):
        teach("x", frames(AWAY, 12, "a"), frames(HERE, 30, "a"), frames(HERE, 1, "g"), variant="v")


def test_a_new_scope_takes_the_place_of_its_name() -> None:
    bone = taught().scope
    assert replaced((bone,), bone) == (bone,)
