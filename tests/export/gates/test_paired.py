from __future__ import annotations

import numpy as np
import pytest

from sonoedge_export.evaluation import metrics
from sonoedge_export.evaluation.outcomes import Outcome
from sonoedge_export.gates.paired import Paired

from .outcomes import SPEC, trained, with_


def paired(variant: list[Outcome], before: list[Outcome]) -> Paired:
    return Paired(variant, before, positive=SPEC.positive, threshold=SPEC.flag_threshold)


def noisy(before: list[Outcome], spread: float, seed: int = 1) -> list[Outcome]:
    rng = np.random.default_rng(seed)
    return [with_(o, dice=o.dice + rng.normal(0, spread)) for o in before]


def test_a_paired_interval_is_far_tighter_than_an_unpaired_one() -> None:
    before = trained(200)
    variant = noisy(before, 0.01)
    found = paired(variant, before).dice_drop()
    assert found is not None
    assert found.ci95 is not None
    ours = found.ci95[1] - found.ci95[0]
    apart = [metrics.mean_interval([o.dice for o in some]) for some in (variant, before)]
    unpaired = np.hypot(*[i[1] - i[0] for i in apart if i is not None])
    assert ours < unpaired / 5


def test_the_interval_is_the_one_that_theory_gives_for_differences() -> None:
    before = trained(400)
    variant = noisy(before, 0.02)
    lost = np.array([b.dice - v.dice for v, b in zip(variant, before, strict=True)])
    found = paired(variant, before).dice_drop()
    assert found is not None
    assert found.ci95 is not None
    half = 1.96 * lost.std() / np.sqrt(400)
    assert found.value == pytest.approx(lost.mean())
    assert found.ci95[0] == pytest.approx(lost.mean() - half, abs=0.15 * half)
    assert found.ci95[1] == pytest.approx(lost.mean() + half, abs=0.15 * half)


def test_patients_whose_frames_are_alike_give_a_wider_interval() -> None:
    rng = np.random.default_rng(2)
    shift = np.repeat(rng.normal(0, 0.02, 40), 10)
    widths = []
    for per_patient in (None, 10):
        before = trained(400, per_patient=per_patient)
        variant = [with_(o, dice=o.dice + s) for o, s in zip(before, shift, strict=True)]
        found = paired(variant, before).dice_drop()
        assert found is not None
        assert found.ci95 is not None
        widths.append(found.ci95[1] - found.ci95[0])
    assert widths[1] > 2 * widths[0]


def test_agreement_counts_patients_where_they_are_known() -> None:
    before = trained(400, per_patient=4)
    found = paired(before, before).flag_agreement()
    assert found is not None
    assert found.units == 100
    assert found.ci95 == (pytest.approx(0.025 ** (1 / 100)), 1.0)


def test_a_variant_at_the_limit_seldom_passes() -> None:
    # In truth the variant loses just what is allowed: a pass is wrong, and must be rare.
    passes = 0
    for seed in range(100):
        before = trained(100, seed=seed)
        rng = np.random.default_rng(1000 + seed)
        variant = [with_(o, dice=o.dice - 0.005 + rng.normal(0, 0.02)) for o in before]
        found = paired(variant, before).dice_drop()
        assert found is not None
        assert found.ci95 is not None
        passes += found.ci95[1] <= 0.005
    assert passes <= 8  # 2.5 % are expected; more than 8 of 100 come by chance once in 2,000
