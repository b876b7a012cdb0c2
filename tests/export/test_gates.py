from __future__ import annotations

import pytest

from sonoedge_export.gates import Gates, failures

TRAINED = {"dice_mean": 0.80, "malignancy_auroc": 0.90}
SAME = TRAINED | {"flag_agreement": 1.0, "map_levels": 1.0, "probs": 1e-6}


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8"])
def test_the_same_network_passes(precision: str) -> None:
    assert failures(Gates(), precision, SAME, TRAINED) == []


@pytest.mark.parametrize(
    ("precision", "change", "says"),
    [
        ("fp32", {"map_levels": 2.0}, "map_levels is 2, allowed 1"),
        ("fp32", {"probs": 2e-5}, "probs is 2e-05"),
        ("fp32", {"probs": float("inf")}, "probs is inf"),
        ("fp32", {"probs": float("nan")}, "probs is nan"),
        ("fp32", {"flag_agreement": 0.999}, "flag_agreement is 0.9990"),
        ("int8", {"flag_agreement": 0.98}, "at least 0.9850"),
        ("int8", {"dice_mean": 0.794}, "drop of dice_mean is 0.006"),
        ("int8", {"malignancy_auroc": 0.89}, "drop of malignancy_auroc is 0.01"),
        ("int8", {"malignancy_auroc": None}, "drop of malignancy_auroc is inf"),
    ],
)
def test_what_fails_is_said_with_its_figure(
    precision: str, change: dict[str, float], says: str
) -> None:
    (failed,) = failures(Gates(), precision, SAME | change, TRAINED)
    assert says in failed


def test_maps_may_differ_where_the_precision_does() -> None:
    assert failures(Gates(), "bf16", SAME | {"map_levels": 9.0, "probs": 0.01}, TRAINED) == []


def test_a_better_network_passes() -> None:
    better = SAME | {"dice_mean": 0.9, "malignancy_auroc": 0.95}
    assert failures(Gates(), "int8", better, TRAINED) == []
