"""Importance as a picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs scikit-learn")
pytest.importorskip("matplotlib", reason="needs matplotlib")

from sonoedge_export.heads.importance import Importance
from sonoedge_export.heads.importance_plot import importance_plot


def rows(count: int, most: float) -> list[Importance]:
    return [Importance(name=f"g.{n}", mean=most / (n + 1), sd=0.001) for n in range(count)]


def test_the_same_figures_give_the_same_bytes_and_others_other_ones() -> None:
    first = importance_plot("second", rows(30, 0.02), rows(3, 0.2))
    assert first == importance_plot("second", rows(30, 0.02), rows(3, 0.2))
    assert first != importance_plot("second", rows(30, 0.02), rows(3, 0.1))


def test_bars_are_as_long_as_their_figures() -> None:
    data = np.frombuffer(importance_plot("second", rows(1, 0.1), rows(2, 0.2)), np.uint8)
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert picture is not None
    bars = np.abs(picture.astype(int) - (170, 119, 68)).max(axis=2) < 8
    lengths = [int(n) for n in bars.sum(axis=1)]
    longest, half = max(lengths), min(n for n in lengths if n > 20)
    assert half / longest == pytest.approx(0.5, abs=0.05)
