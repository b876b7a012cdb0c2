from __future__ import annotations

import re

from sonoedge_export.card.measurement import Figure, measurement
from sonoedge_export.card.tables import HEAD, accuracy_row, cell


def test_a_row_has_three_digits_and_intervals_where_they_are_known() -> None:
    metrics = {
        "frames": 88,
        "dice_mean": 0.7254,
        "dice_ci95": [0.6612, 0.7859],
        "malignancy_auroc": 0.8717,
        "malignancy_auroc_ci95": [0.7561, 0.9663],
        "region_sensitivity": 0.8933,
        "false_regions_per_frame": 0.2273,
        "sensitivity": 0.8889,
        "sensitivity_ci95": [0.7407, 1.0],
        "specificity": 0.7213,
        "specificity_ci95": [0.6066, 0.8197],
    }
    row = accuracy_row(measurement("**busi_curated test**", metrics))
    assert row == (
        "| **busi_curated test** | 88 | 0.725 [0.661, 0.786] | 0.872 [0.756, 0.966] | 0.893 "
        "| 0.227 | 0.889 [0.741, 1.000] | 0.721 [0.607, 0.820] |"
    )
    assert len(re.findall(r"\|", row)) == len(re.findall(r"\|", HEAD.partition("\n")[0]))


def test_what_was_not_measured_is_a_dash_and_never_blank() -> None:
    assert cell(None) == cell(Figure(value=None, ci95=(0.1, 0.2))) == "-"
    assert accuracy_row(measurement("x", {})) == "| x | - | - | - | - | - | - | - |"
