from __future__ import annotations

import numpy as np
import pytest

from sonoedge.errors import ScopeRefused
from sonoedge.scope.fit import fit


def around(centre: tuple[float, ...], frames: int, spread: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    made = np.array(centre) + rng.normal(0, spread, (frames, len(centre)))
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def test_what_lies_apart_is_told_apart() -> None:
    result = fit(around((1, 0, 0), 10, 0.05, 0), around((0, 1, 0), 40, 0.05, 1))
    assert (result.taught_stopped, result.false_stops) == (10, 0)
    assert result.in_scope.max() < result.threshold < np.median(result.taught)


def test_each_frame_is_left_out_of_the_mean_that_judges_it() -> None:
    taught = around((1, 0, 0), 10, 0.05, 0)
    others = taught[1:].mean(axis=0)
    result = fit(taught, around((0, 1, 0), 40, 0.05, 1))
    expected = np.linalg.norm(taught[0] - result.in_scope_mean) - np.linalg.norm(taught[0] - others)
    assert result.taught[0] == pytest.approx(expected)


def test_frames_that_look_alike_are_refused() -> None:
    with pytest.raises(ScopeRefused, match=r"frames in scope would be stopped, at most 2%"):
        fit(around((1, 1, 0), 10, 0.3, 0), around((1, 1, 0), 40, 0.3, 1))


@pytest.mark.req("R79")
def test_two_frames_of_a_hundred_in_scope_may_be_stopped_and_no_third() -> None:
    def in_scope(strays: int) -> np.ndarray:
        stray = around((1, 0, 0), strays, 0.001, 2)
        return np.concatenate([around((0, 1, 0), 100 - strays, 0.05, 1), stray])

    taught = around((1, 0, 0), 12, 0.1, 0)
    assert fit(taught, in_scope(2)).false_stops == 2
    with pytest.raises(ScopeRefused, match="3 of 100"):
        fit(taught, in_scope(3))


def test_frames_of_two_organs_under_one_name_are_refused() -> None:
    taught = np.concatenate([around((1, 0, 0), 8, 0.01, 0), around((0, 0.97, 0.2), 4, 0.01, 1)])
    with pytest.raises(ScopeRefused, match="only 8 of 12 frames taught would be stopped"):
        fit(taught, around((0, 1, 0), 40, 0.01, 2))
