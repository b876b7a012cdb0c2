from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="calibration belongs to export")
import torch

from sonoedge.errors import InvalidSettings
from sonoedge_export.evaluation.calibration_error import (
    GradedRegions,
    calibration_error,
    calibration_interval,
    log_loss,
    perfect_error,
    plot_reliability,
    reliability,
)
from sonoedge_export.graph.deploy import Answer
from sonoedge_export.recipe.outputs import Output, Outputs


def test_the_error_is_the_weighted_distance_from_the_diagonal() -> None:
    # Ten at 0.15 of which none is positive, thirty at 0.85 of which all are.
    suspicion = [0.15] * 10 + [0.85] * 30
    positive = [False] * 10 + [True] * 30
    assert calibration_error(suspicion, positive) == pytest.approx(0.15)
    low, high = reliability(suspicion, positive)
    assert (low.count, low.positive, high.count, high.positive) == (10, 0.0, 30, 1.0)
    assert low.suspicion == pytest.approx(0.15)


def test_certainty_lies_in_the_last_step_and_nothing_has_no_error() -> None:
    assert [b.count for b in reliability([1.0, 0.95], [True, True])] == [2]
    assert calibration_error([], []) is None


def test_a_perfect_network_shows_the_error_that_chance_makes() -> None:
    rng = np.random.default_rng(3)
    suspicion = rng.random(20_000)
    drawn = calibration_error(suspicion, rng.random(20_000) < suspicion)
    assert drawn is not None
    assert drawn < 0.02
    few, many = perfect_error(suspicion[:50]), perfect_error(suspicion, rounds=20)
    assert few is not None
    assert many is not None
    assert few > 5 * many


def test_the_interval_holds_the_error_of_overconfidence() -> None:
    rng = np.random.default_rng(4)
    truth = rng.random(400) < 0.7
    judged = GradedRegions(
        suspicion=np.full(400, 0.95),
        positive=truth,
        patients=np.array([f"p{n // 2}" for n in range(400)]),
    )
    interval = calibration_interval(judged)
    assert interval is not None
    low, high = interval
    assert 0.15 < low < abs(0.95 - truth.mean()) < high < 0.35


def test_log_loss_of_a_certain_error_stays_finite() -> None:
    assert log_loss([0.0, 1.0], [True, True]) == pytest.approx(-np.log([1 / 255, 254 / 255]).mean())


def test_the_plot_is_written(tmp_path: Path) -> None:
    judged = GradedRegions(
        suspicion=np.array([0.1, 0.9]),
        positive=np.array([False, True]),
        patients=np.array(["a", "b"]),
    )
    plot_reliability({"before": judged, "after": judged}, tmp_path / "r.png")
    assert (tmp_path / "r.png").read_bytes().startswith(b"\x89PNG")


def test_temperature_and_bias_are_in_the_graph() -> None:
    spec = Output(output="x", activation="sigmoid", temperature=2.0, bias=-0.5)
    logits = torch.tensor([[[[-3.0, 0.0], [1.0, 4.0]]]])
    levels, _ = Answer(Outputs(lesion_map=spec))({"x": logits})
    wanted = torch.round(255 * torch.sigmoid(logits / 2 - 0.5)).to(torch.uint8)
    assert (levels == wanted).all()
    with pytest.raises(InvalidSettings, match="bias"):
        Output(activation="softmax", bias=1.0)
