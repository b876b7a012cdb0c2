from __future__ import annotations

import numpy as np
import pytest

from sonoedge.runtime import Tensors
from sonoedge_export.evaluation.results import _largest_differences


def answer(embedding: tuple[float, float] | None, level: int = 9) -> Tensors:
    tensors = {
        "lesion_map": np.full((1, 1, 2, 2), level, np.uint8),
        "class_probs": np.array([[0.25, 0.75]], np.float32),
        "finite": np.ones(1, np.uint8),
    }
    if embedding is not None:
        tensors["embedding"] = np.array([embedding], np.float32)
    return tensors


def test_an_embeddings_difference_is_its_distance_and_no_level_of_a_map() -> None:
    ours = [answer((1, 0)), answer((0.6, 0.8), level=11)]
    theirs = [answer((1, 0)), answer((1, 0))]
    largest = _largest_differences(ours, theirs)
    assert largest["embedding"] == pytest.approx(np.hypot(0.4, 0.8))
    assert (largest["map_levels"], largest["probs"]) == (2, 0)


def test_an_embedding_that_is_no_number_is_infinitely_far() -> None:
    largest = _largest_differences([answer((float("nan"), 0))], [answer((1, 0))])
    assert largest["embedding"] == float("inf")


def test_without_an_embedding_there_is_no_figure_of_it() -> None:
    assert "embedding" not in _largest_differences([answer(None)], [answer(None)])
