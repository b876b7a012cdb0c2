from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sonoedge.cli import main
from sonoedge.errors import GateFailed
from sonoedge_export.evaluation.answers import Answers
from sonoedge_export.evaluation.outcomes import Outcome
from sonoedge_export.evaluation.results import measure
from sonoedge_export.gates.trained import check_trained
from sonoedge_export.progress import Stages
from sonoedge_export.recipe.expected import Expected

from .outcomes import SPEC, trained


def checked(outcomes: list[Outcome], expected: Expected | None) -> str:
    log = io.StringIO()
    results = measure(Answers(outcomes=outcomes), None, SPEC, intervals=False)
    check_trained(results, expected, Stages(log))
    return log.getvalue()


def test_a_network_as_good_as_training_reported_passes_and_its_figures_are_reported() -> None:
    log = checked(trained(400), Expected(dice_mean=0.8, malignancy_auroc=0.95))
    assert "trained network: dice_mean 0.8" in log
    assert "no [expected]" not in log


def test_a_network_worse_than_training_reported_is_refused_with_the_causes() -> None:
    worse = [replace(o, dice=o.dice - 0.1) for o in trained(400)]
    with pytest.raises(GateFailed, match=r"dice_mean is 0\.7.*expected 0\.800.*network\.mean"):
        checked(worse, Expected(dice_mean=0.8))
    checked(worse, Expected(dice_mean=0.8, tolerance=0.2))
    checked(worse, Expected(malignancy_auroc=0.9))


def test_a_figure_that_is_expected_and_cannot_be_measured_is_refused() -> None:
    unlabelled = [replace(o, label=None) for o in trained(40)]
    with pytest.raises(GateFailed, match="malignancy_auroc cannot be measured"):
        checked(unlabelled, Expected(malignancy_auroc=0.9))


def test_a_network_that_flags_nothing_is_refused_whatever_is_expected() -> None:
    silent = [replace(o, flagged=False) for o in trained(40)]
    with pytest.raises(GateFailed, match="flags none of the 20 frames that it should"):
        checked(silent, None)


def test_without_expected_figures_the_export_says_that_nothing_is_compared() -> None:
    assert "the recipe has no [expected]" in checked(trained(40), None)


def test_an_export_with_another_std_than_trainings_writes_nothing(
    edited: Callable[[str, str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = edited("std = 255.0", "std = 500.0")
    recipe.write_text(recipe.read_text() + "\n[expected]\nspecificity = 1.0\ndice_mean = 0.9\n")
    out = recipe.parent / "a"
    assert main(["export", str(recipe), "--out", str(out)]) == 3
    assert "network.std" in capsys.readouterr().err
    assert not out.exists()
