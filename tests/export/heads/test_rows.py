"""Measured regions as arrays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from head_samples import rows
from sonoedge_export.heads.rows import LAST


def test_columns_are_taken_by_their_names_in_the_order_asked_for() -> None:
    made = rows(5)
    taken = made.columns(("odd.3", "even.0"))
    assert taken.names == ("odd.3", "even.0")
    assert (taken.measures == made.measures[:, [3, 0]]).all()
    assert taken.measures.flags["C_CONTIGUOUS"]


def test_a_lesion_that_was_missed_scores_below_every_probability() -> None:
    made = replace(rows(3), found=np.array([True, False, True]))
    assert made.scores(np.array([0.0, 1.0])).tolist() == [0.0, LAST, 1.0]
    assert LAST < 0
