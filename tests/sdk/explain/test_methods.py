"""On an engine whose suspicion is known to hang on one corner of the picture."""

from __future__ import annotations

import numpy as np
import pytest

from explain_samples import Corner, question
from sonoedge.explain.deletion import delete
from sonoedge.explain.methods import LIME_PATCHES, lime, occlusion, rank_correlation, ridge
from sonoedge.explain.question import MOST_CALLS


def share_in_corner(segments: np.ndarray, weights: np.ndarray) -> float:
    weight = np.clip(weights, 0, None)[segments]
    return float(weight[8:24, 8:24].sum() / weight.sum())


def test_occlusion_finds_what_the_suspicion_hangs_on() -> None:
    engine = Corner()
    asked = question(engine)
    made = occlusion(asked)
    assert share_in_corner(made.segments, made.weights) > 0.7
    assert delete(asked, made.segments, made.weights).drawn
    assert asked.calls <= MOST_CALLS
    assert engine.padding == {0}


def test_lime_finds_it_too_and_its_halves_agree() -> None:
    asked = question(Corner())
    made = lime(asked)
    assert len(made.weights) <= LIME_PATCHES
    assert share_in_corner(made.segments, made.weights) > 0.5
    assert made.stability is not None
    assert 0 < made.stability <= 1
    assert delete(asked, made.segments, made.weights).drawn
    assert asked.calls <= MOST_CALLS


@pytest.mark.req("R80")
@pytest.mark.parametrize("method", [occlusion, lime])
def test_a_map_of_noise_is_not_drawn(method: object) -> None:
    asked = question(Corner(noise=0.01, contrast=0))
    made = method(asked)  # type: ignore[operator]
    assert not delete(asked, made.segments, made.weights).drawn


def test_lime_of_noise_does_not_agree_with_itself() -> None:
    stability = lime(question(Corner(noise=0.05, contrast=0))).stability
    assert stability is not None
    assert abs(stability) < 0.4


def test_a_ridge_gives_the_weights_that_made_the_falls() -> None:
    rng = np.random.default_rng(0)
    blurred = rng.random((400, 6)) < 0.5
    true = np.array([0.4, 0.0, 0.2, 0.0, 0.0, -0.1])
    assert np.abs(ridge(blurred, blurred @ true) - true).max() < 0.02


def test_maps_without_any_difference_agree_with_none() -> None:
    assert rank_correlation(np.zeros(5), np.arange(5.0)) == 0
