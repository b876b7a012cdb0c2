"""What the reference network's losses cost, and what they leave alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="losses are torch functions")
import torch


@pytest.fixture
def losses(reference: Path) -> Any:
    import losses  # type: ignore[import-not-found]

    return losses


def square(count: int, size: int = 32) -> torch.Tensor:
    """[1, 1, size, size], 1 in the first `count` pixels."""
    flat = torch.zeros(size * size)
    flat[:count] = 1
    return flat.reshape(1, 1, size, size)


def test_a_missed_lesion_costs_more_than_a_false_region_of_its_size(losses: Any) -> None:
    lesion, nothing = square(200), square(0)
    missed = losses.focal_tversky(nothing, lesion)
    false = losses.focal_tversky(lesion, nothing)
    # 8 is the smoothing: 1 - 8 / (0.7 * 200 + 8) and 1 - 8 / (0.3 * 200 + 8), to the power of 4/3.
    assert missed.item() == pytest.approx((140 / 148) ** (4 / 3))
    assert false.item() == pytest.approx((60 / 68) ** (4 / 3))
    assert losses.soft_dice(nothing, lesion) == losses.soft_dice(lesion, nothing)
    assert losses.focal_tversky(lesion, lesion).item() < 1e-6


def test_the_worst_lesion_of_a_batch_weighs_more_than_with_soft_dice(losses: Any) -> None:
    area = torch.cat([square(200), square(200)])
    found = torch.cat([square(200) * 0.1, square(200) * 0.9]).requires_grad_()
    ratios = {}
    for name, overlap in losses.OVERLAPS.items():
        (gradient,) = torch.autograd.grad(overlap(found, area).sum(), found)
        worst, best = gradient[:, 0, 0, 0].abs().tolist()
        ratios[name] = worst / best
    assert ratios["dice"] == pytest.approx(2.82, abs=0.01)
    assert ratios["tversky"] == pytest.approx(3.93, abs=0.05)


def test_tversky_with_even_weights_is_soft_dice(losses: Any) -> None:
    draw = torch.Generator().manual_seed(0)
    found, area = (torch.rand(3, 1, 16, 16, generator=draw) for _ in range(2))
    even = losses.focal_tversky(found, area, miss=0.5, power=1.0)
    assert torch.allclose(even, losses.soft_dice(found, area), atol=1e-6)


def logits(draw: torch.Generator) -> dict[str, torch.Tensor]:
    """For two frames of 64 x 64, each with a gradient."""
    made = {
        "lesion": torch.randn(2, 1, 32, 32, generator=draw),
        "malignancy": torch.randn(2, 1, 32, 32, generator=draw),
        "frame": torch.randn(2, 4, generator=draw),
    }
    return {k: v.requires_grad_() for k, v in made.items()}


def test_a_lesion_without_a_grade_teaches_its_outline_and_no_grade(losses: Any) -> None:
    answers = logits(torch.Generator().manual_seed(0))
    mask = torch.zeros(2, 1, 64, 64)
    mask[:, :, 10:40, 10:40] = 1
    losses.loss(answers, mask, torch.tensor([-1, 2])).backward()
    grads = {k: v.grad for k, v in answers.items()}
    assert float(grads["lesion"][0].abs().sum()) > 0
    assert float(grads["malignancy"][0].abs().sum()) == 0
    assert float(grads["malignancy"][1].abs().sum()) > 0
    # That the frame is one of the two is taught; which of them is not: their odds stay.
    benign, malignant = answers["frame"][0, 1:3].detach().softmax(0)
    frame = grads["frame"][0]
    assert float(frame[1] / frame[2]) == pytest.approx(float(benign / malignant), rel=1e-4)
    assert float(frame[0]) > 0 > float(frame[1])


def test_a_lesion_without_a_grade_that_is_out_of_view_is_a_normal_frame(losses: Any) -> None:
    answers, mask = logits(torch.Generator().manual_seed(1)), torch.zeros(2, 1, 64, 64)
    assert torch.equal(
        losses.loss(answers, mask, torch.tensor([-1, -1])),
        losses.loss(answers, mask, torch.tensor([0, 0])),
    )


def test_graded_frames_cost_what_they_cost_before(losses: Any) -> None:
    answers, mask = logits(torch.Generator().manual_seed(2)), torch.zeros(2, 1, 64, 64)
    mask[:, :, 10:40, 10:40] = 1
    area = torch.nn.functional.avg_pool2d(mask, 2)
    lesion, grade = answers["lesion"], answers["malignancy"]
    cross = torch.nn.functional.binary_cross_entropy_with_logits
    inside = (torch.sigmoid(grade) * area).sum((1, 2, 3)) / area.sum((1, 2, 3))
    target = torch.tensor([0.05, 0.95])
    each = cross(grade, target[:, None, None, None].expand_as(grade), reduction="none")
    each = (each * area).sum((1, 2, 3)) / area.sum((1, 2, 3))
    region = torch.nn.functional.binary_cross_entropy(inside, target)
    frame = torch.nn.functional.cross_entropy(
        answers["frame"], torch.tensor([1, 2]), label_smoothing=0.05
    )
    wanted = 2 * cross(lesion, area) + losses.soft_dice(torch.sigmoid(lesion), area).mean()
    wanted = wanted + 0.5 * region + 0.25 * each.mean() + 0.2 * frame
    value = losses.loss(answers, mask, torch.tensor([1, 2]))
    assert value.item() == pytest.approx(wanted.item(), rel=1e-6)
