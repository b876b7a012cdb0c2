"""Values of an examination shift a suspicion by fixed coefficients, or are said to be unused."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from sonoedge.clinical import Coefficient, check_coefficients, join, logit, sigmoid
from sonoedge.errors import InvalidSettings


def age(**values: Any) -> Coefficient:
    given = {"centre": 50, "per_unit": 0.03, "lowest": 18, "highest": 100, "source": "a cohort"}
    return Coefficient(**given | values)


def test_a_value_shifts_the_logit_by_its_coefficient() -> None:
    joined = join(0.3, {"age_years": age()}, {"age_years": 70.0})
    assert joined.suspicion == pytest.approx(1 / (1 + math.exp(-(math.log(0.3 / 0.7) + 0.6))))
    assert joined.fused_with == ("age_years",)
    assert joined.not_used == ()


@pytest.mark.parametrize("value", [np.float32(70), np.int64(70), 70])
def test_numbers_of_a_table_count_as_well(value: Any) -> None:
    joined = join(0.3, {"age_years": age()}, {"age_years": value})
    assert joined == join(0.3, {"age_years": age()}, {"age_years": 70.0})


@pytest.mark.req("R89")
@pytest.mark.parametrize(
    "values",
    [
        {},
        {"age_years": None},
        {"age_years": float("nan")},
        {"age_years": math.inf},
        {"age_years": 1968.0},  # a year of birth
        {"age_years": -3},
        {"age_years": True},
        {"age_years": "61"},
        {"age": 61.0},
    ],
)
def test_what_is_no_value_leaves_the_network_alone_and_is_said(values: dict[str, Any]) -> None:
    joined = join(0.3, {"age_years": age()}, values)
    assert joined.suspicion == 0.3
    assert joined.fused_with == ()
    assert joined.not_used == ("age_years",)


def test_one_missing_value_does_not_keep_another_from_being_used() -> None:
    both = {"age_years": age(), "density": age(centre=2, lowest=1, highest=4)}
    joined = join(0.3, both, {"age_years": float("nan"), "density": 3})
    assert joined.fused_with == ("density",)
    assert joined.not_used == ("age_years",)


@pytest.mark.parametrize("suspicion", [0.0, 1.0])
def test_a_certain_network_stays_a_probability(suspicion: float) -> None:
    assert 0 < join(suspicion, {"age_years": age()}, {"age_years": 80}).suspicion < 1
    assert sigmoid(logit(0.25)) == pytest.approx(0.25)
    assert sigmoid(-1e4) == 0.0


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"centre": 10}, "centre"),
        ({"lowest": 50, "highest": 50}, "centre"),
        ({"source": " "}, "source"),
        ({"per_unit": 3.0}, "per_unit"),
    ],
)
def test_a_coefficient_that_misleads_is_refused(values: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidSettings, match=why):
        age(**values)


def test_a_name_that_no_result_can_carry_is_refused() -> None:
    with pytest.raises(InvalidSettings, match="clinical"):
        check_coefficients({"age in years": age()})


def test_it_can_be_imported_before_anything_that_reads_bundles() -> None:
    code = "import sonoedge.clinical, sys; sys.exit('sonoedge.bundle' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
