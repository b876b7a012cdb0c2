from __future__ import annotations

import numpy as np
import pytest

from explain_samples import BOX, Corner, question
from sonoedge.explain.question import patches


def test_each_call_is_counted_and_the_frame_itself_is_the_first() -> None:
    asked = question(Corner())
    assert asked.calls == 1
    assert asked.fall(patches(asked.shape, 4), np.zeros(4, bool)) == 0
    assert asked.calls == 2


def test_what_is_blurred_lies_within_the_frame_and_nowhere_else() -> None:
    engine = Corner()
    asked = question(engine)
    x0, y0, x1, y1 = BOX
    assert asked.shape == (y1 - y0, x1 - x0)
    asked.ask(np.ones(asked.shape, bool))
    assert engine.padding == {0}


def test_blurring_what_the_suspicion_hangs_on_lowers_it_and_the_rest_does_not() -> None:
    asked = question(Corner())
    corner = np.zeros(asked.shape, bool)
    corner[8:24, 8:24] = True
    assert asked.ask(corner) < asked.base / 3
    assert asked.ask(~corner) == pytest.approx(asked.base)


@pytest.mark.parametrize("shape", [(64, 64), (256, 192), (17, 300), (8, 8), (1, 900)])
def test_patches_are_no_more_than_asked_and_cover_all(shape: tuple[int, int]) -> None:
    segments = patches(shape, 200)
    assert segments.shape == shape
    assert sorted(set(segments.ravel().tolist())) == list(range(int(segments.max()) + 1))
    assert segments.max() < 200
