"""What a missed lesion and a false region cost, whatever their sizes."""

from __future__ import annotations

from math import log
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="losses are torch functions")
import torch


@pytest.fixture
def detection(reference: Path) -> Any:
    from detection import detection  # type: ignore[import-not-found]

    return detection


def boxes(*corners: tuple[int, int, int]) -> torch.Tensor:
    """[1, 1, 64, 64], 1 in squares of a size at (row, column)."""
    area = torch.zeros(1, 1, 64, 64)
    for row, column, size in corners:
        area[..., row : row + size, column : column + size] = 1
    return area


def test_lesions_are_told_apart_and_known_by_their_frame(reference: Path) -> None:
    from detection import lesions  # type: ignore[import-not-found]

    two = boxes((4, 4, 8), (40, 40, 12))
    dust = boxes((4, 4, 2))
    each, frame = lesions(torch.cat([two, dust, boxes((20, 20, 6)), boxes()]))
    assert frame.tolist() == [0, 0, 2]
    assert each.sum((1, 2)).tolist() == [64, 144, 36]
    none, _ = lesions(boxes())
    assert none.shape == (0, 64, 64)


def test_a_small_lesion_missed_costs_what_a_large_one_does(detection: Any) -> None:
    area = boxes((4, 4, 4), (24, 24, 32))
    values = []
    for found in (boxes((4, 4, 4)), boxes((24, 24, 32))):
        values.append(detection(found, area).item())
    # One of the two is found, -log(1 + 1e-3), the other missed, -log(1e-3); nothing is false.
    wanted = (-log(1.001) - log(0.001)) / 2 - log(1.001)
    assert values == pytest.approx([wanted, wanted], abs=1e-4)


def test_a_lesion_missed_with_confidence_still_teaches(reference: Path, detection: Any) -> None:
    from losses import focal_tversky, soft_dice  # type: ignore[import-not-found]

    area, steps = boxes((20, 20, 8)), {}
    for name, cost in (("one", detection), ("dice", soft_dice), ("tversky", focal_tversky)):
        logit = torch.full((1, 1, 64, 64), -5.0, requires_grad=True)
        cost(torch.sigmoid(logit), area).sum().backward()
        assert logit.grad is not None
        steps[name] = -float(logit.grad[..., 20:28, 20:28].sum())
    assert steps["one"] > 0.8  # the logarithm's: 1, less what 1e-3 takes
    assert max(steps["dice"], steps["tversky"]) < 0.02


def test_a_false_region_costs_most_of_all_where_there_is_no_lesion_near(detection: Any) -> None:
    nothing = boxes()
    sure = boxes((40, 40, 8))
    assert detection(nothing, nothing).item() == pytest.approx(-log(1.001), abs=1e-6)
    assert detection(sure, nothing).item() == pytest.approx(-log(0.001), abs=1e-3)
    half = boxes((40, 40, 8)) * 0.5
    assert detection(half, nothing).item() == pytest.approx(-log(0.501), abs=1e-3)
    grown = boxes((18, 18, 12))  # 2 cells too wide all around: no region of its own
    lesion = boxes((20, 20, 8))
    assert detection(grown, lesion).item() == pytest.approx(-2 * log(1.001), abs=1e-4)
