"""A head joins the network only where that gains something on frames held out."""

from __future__ import annotations

import numpy as np
import pytest

from head_samples import rows
from sonoedge_export.heads.fuse import fusion_of, gain_of


@pytest.mark.parametrize("seed", range(4))
def test_a_head_of_noise_stays_out(seed: int) -> None:
    made = rows(300, seed=seed)
    gain = gain_of(made, np.random.default_rng(seed + 1000).random(300))
    assert gain.mean is not None
    assert gain.mean < 0.01
    assert not gain.certain


def test_an_oracle_goes_in() -> None:
    made = rows(300)
    oracle = np.where(made.malignant, 0.8, 0.2) + np.random.default_rng(0).normal(0, 0.15, 300)
    gain = gain_of(made, np.clip(oracle, 0.01, 0.99))
    assert gain.certain
    assert gain.mean is not None
    assert gain.mean > 0.05
    fusion = fusion_of(made, np.clip(oracle, 0.01, 0.99))
    assert fusion.head > 0
    assert fusion.network > 0


def test_a_copy_of_the_network_gains_nothing() -> None:
    made = rows(300)
    assert not gain_of(made, made.suspicion).certain


def test_patients_are_held_out_whole() -> None:
    """A head that knows each patient's answer by heart, and nothing else, gains only there."""
    made = rows(300, per_patient=1)
    twice = made.take(np.repeat(np.arange(300), 2))
    noise = np.repeat(np.random.default_rng(3).random(300), 2)
    assert not gain_of(twice, noise).certain


def test_where_a_class_is_missing_no_gain_is_told() -> None:
    made = rows(300)
    benign = made.take(~made.malignant)
    gain = gain_of(benign, benign.suspicion)
    assert (gain.mean, gain.ci95, gain.certain) == (None, None, False)
