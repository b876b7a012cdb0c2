"""Measures that a small change of the picture moves are left out."""

from __future__ import annotations

from sonoedge.measure import NAMES
from sonoedge_export.heads.stable import UNSTABLE, stable


def test_unstable_measures_are_names_of_measures_and_are_left_out() -> None:
    assert set(NAMES) >= UNSTABLE
    assert len(stable(NAMES)) == len(NAMES) - len(UNSTABLE)
