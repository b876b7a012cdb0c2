from __future__ import annotations

import math

import numpy as np
import pytest

from sonoedge.measure import NAMES, Measures
from studies.word_agreement import agreement, auroc, kappa


def test_kappa_is_cohens() -> None:
    # 20 both yes, 15 both no, 5 and 10 apart: (0.7 - 0.5) / (1 - 0.5).
    a = [True] * 20 + [True] * 5 + [False] * 10 + [False] * 15
    b = [True] * 20 + [False] * 5 + [True] * 10 + [False] * 15
    assert kappa(a, b) == pytest.approx(0.4)
    assert kappa([True] * 3, [True] * 3) == 0


def test_auroc_counts_ties_by_half() -> None:
    scores, positive = np.array([1.0, 2.0, 2.0, 3.0]), np.array([False, False, True, True])
    assert auroc(scores, positive) == pytest.approx(3.5 / 4)
    assert math.isnan(auroc(scores, np.zeros(4, dtype=bool)))


def test_words_that_agree_reach_the_bound_and_others_do_not() -> None:
    def rows(flipped: bool) -> list[tuple[dict[str, str], Measures]]:
        made = []
        for number in range(20):
            values = np.zeros(len(NAMES), dtype=np.float32)
            odd = number % 2 == 1
            values[NAMES.index("shape.ellipse_perimeter")] = 0.85 if odd else 0.99
            spiculated = "spiculated" if odd != flipped else "circumscribed"
            row = {
                "shape": "irregular" if odd != flipped else "oval",
                "margin": spiculated,
                "echogenicity": "hypoechoic",
                "posterior_features": "no",
            }
            made.append((row, Measures(names=NAMES, values=values)))
        return made

    lines, met = agreement(rows(flipped=False))
    assert met
    assert "1.00" in lines[1]
    assert not agreement(rows(flipped=True))[1]
