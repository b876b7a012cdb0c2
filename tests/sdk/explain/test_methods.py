"""On an engine whose suspicion is known to hang on one corner of the picture."""

from __future__ import annotations

import numpy as np
import pytest

from sonoedge.explain.deletion import CALLS, Deletion, delete
from sonoedge.explain.methods import LIME_PATCHES, lime, occlusion, rank_correlation, ridge
from sonoedge.explain.question import MOST_CALLS, Question, patches
from sonoedge.explain.target import Target
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.runtime import Tensors, TensorSpec

SPEC = PostprocessSpec(labels=("benign", "malignant"), positive=("malignant",))
BOX = (8, 0, 72, 64)  # the rest of the input is padding


class Corner:
    """The probability is the contrast within rows 8 to 24 and columns 16 to 32 of the input."""

    inputs = (TensorSpec(name="frame", dtype="uint8", shape=(1, 1, 64, 80)),)
    outputs = (TensorSpec(name="class_probs", dtype="float32", shape=(1, 2)),)

    def __init__(self, *, noise: float = 0.0, contrast: float = 1.0) -> None:
        self._rng, self._noise, self._contrast = np.random.default_rng(0), noise, contrast
        self.padding: set[int] = set()

    def infer(self, tensors: Tensors) -> Tensors:
        picture = tensors["frame"][0, 0].astype(float)
        self.padding |= {int(picture[:, :8].max()), int(picture[:, 72:].max())}
        value = self._contrast * picture[8:24, 16:32].std() / 128
        value = float(np.clip(value + self._noise * self._rng.normal(), 0, 1))
        return {"class_probs": np.array([[1 - value, value]], dtype=np.float32)}

    def close(self) -> None:
        pass


def question(engine: Corner) -> Question:
    tensor = np.zeros((1, 1, 64, 80), np.uint8)
    rng = np.random.default_rng(1)
    tensor[0, 0, :, 8:72] = rng.integers(0, 2, (64, 64)) * 255
    return Question(engine, tensor, BOX, Target(spec=SPEC, graded_by="class_probs"))


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


@pytest.mark.req("R79")
@pytest.mark.parametrize("method", [occlusion, lime])
def test_a_map_of_noise_is_not_drawn(method: object) -> None:
    asked = question(Corner(noise=0.01, contrast=0))
    made = method(asked)  # type: ignore[operator]
    assert not delete(asked, made.segments, made.weights).drawn


def test_lime_of_noise_does_not_agree_with_itself() -> None:
    stability = lime(question(Corner(noise=0.05, contrast=0))).stability
    assert stability is not None
    assert abs(stability) < 0.4


def test_a_deletion_must_be_three_times_chance_and_chance_is_never_nothing() -> None:
    assert Deletion(figure=0.31, chance=0.1).drawn
    assert not Deletion(figure=0.29, chance=0.1).drawn
    assert not Deletion(figure=0.014, chance=-0.2).drawn
    assert Deletion(figure=0.016, chance=-0.2).drawn


def test_the_test_of_a_map_makes_so_many_calls() -> None:
    asked = question(Corner())
    segments = patches(asked.shape, 16)
    delete(asked, segments, np.arange(segments.max() + 1.0))
    assert asked.calls == CALLS + 1


def test_a_ridge_gives_the_weights_that_made_the_falls() -> None:
    rng = np.random.default_rng(0)
    blurred = rng.random((400, 6)) < 0.5
    true = np.array([0.4, 0.0, 0.2, 0.0, 0.0, -0.1])
    assert np.abs(ridge(blurred, blurred @ true) - true).max() < 0.02


@pytest.mark.parametrize("shape", [(64, 64), (256, 192), (17, 300), (8, 8), (1, 900)])
def test_patches_are_no_more_than_asked_and_cover_all(shape: tuple[int, int]) -> None:
    segments = patches(shape, 200)
    assert segments.shape == shape
    assert sorted(set(segments.ravel().tolist())) == list(range(int(segments.max()) + 1))
    assert segments.max() < 200


def test_maps_without_any_difference_agree_with_none() -> None:
    assert rank_correlation(np.zeros(5), np.arange(5.0)) == 0
