"""Settings are chosen on other frames than those that are fitted on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from head_samples import rows
from sonoedge.errors import InvalidData
from sonoedge_export.heads.fit import fit


def test_too_few_regions_of_a_class_are_refused() -> None:
    many = rows(300)
    few = many.take(np.flatnonzero(~many.malignant | (np.cumsum(many.malignant) <= 9)))
    with pytest.raises(InvalidData, match=r"head\.fit: 9 malignant"):
        fit("logistic", {}, few, rows(120, seed=1))
    with pytest.raises(InvalidData, match=r"head\.choose"):
        fit("logistic", {}, many, few)


def test_the_settings_are_those_that_rank_the_other_frames_best() -> None:
    head = fit("logistic", {"C": (1e-7, 0.1)}, rows(300), rows(120, seed=1))
    assert head.settings == {"C": 0.1}


def test_a_missed_lesion_ranks_last_in_the_choice() -> None:
    chooser = rows(200, seed=1)
    found = np.ones(200, dtype=bool)
    found[np.flatnonzero(chooser.malignant)[:30]] = False
    missing = replace(chooser, found=found)
    assert (
        fit("logistic", {"C": (0.1,)}, rows(300), missing).auroc
        < fit("logistic", {"C": (0.1,)}, rows(300), chooser).auroc - 0.1
    )


def test_a_measure_that_never_changes_is_harmless() -> None:
    constant = replace(rows(300), measures=rows(300).measures * (np.arange(20) != 3))
    head = fit("logistic", {"C": (0.1,)}, constant, rows(120, seed=1))
    assert np.isfinite(head.probabilities(rows(50, seed=2).measures)).all()


def test_a_network_that_stops_at_its_last_pass_is_judged_as_it_is() -> None:
    # Warnings are errors in these tests.
    head = fit("network", {"hidden": (8.0,), "alpha": (1.0,)}, rows(60), rows(120, seed=1))
    assert head.estimator.n_iter_ == 400
