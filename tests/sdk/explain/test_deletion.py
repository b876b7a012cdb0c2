from __future__ import annotations

import numpy as np

from explain_samples import Corner, question
from sonoedge.explain.deletion import CALLS, Deletion, delete
from sonoedge.explain.question import patches


def test_a_deletion_must_be_three_times_chance_and_chance_is_never_nothing() -> None:
    assert Deletion(figure=0.31, chance=0.1).drawn
    assert not Deletion(figure=0.29, chance=0.1).drawn
    assert not Deletion(figure=0.014, chance=-0.2).drawn
    assert Deletion(figure=0.016, chance=-0.2).drawn


def test_what_rounds_to_nothing_has_no_sign() -> None:
    texts = Deletion(figure=-0.0004, chance=-0.0001).texts()
    assert texts == ("0.000", "0.000", "0.015")
    assert Deletion(figure=-0.02, chance=0.1).texts() == ("-0.020", "0.100", "0.300")


def test_the_test_of_a_map_makes_so_many_calls() -> None:
    asked = question(Corner())
    segments = patches(asked.shape, 16)
    delete(asked, segments, np.arange(segments.max() + 1.0))
    assert asked.calls == CALLS + 1
