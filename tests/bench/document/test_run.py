from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from sonoedge.errors import InvalidSettings


def test_columns_of_different_lengths_are_refused(a_run: Any) -> None:
    with pytest.raises(InvalidSettings, match="samples has columns of different lengths"):
        dataclasses.replace(a_run("closed"), samples={"number": (0.0, 1.0), "bare_ms": (1.0,)})


def test_a_frame_without_a_number_is_refused(a_run: Any) -> None:
    with pytest.raises(InvalidSettings, match="a frame without a number"):
        dataclasses.replace(a_run("closed"), samples={"number": (0.0, None)})


def test_values_are_those_that_are_known_in_their_order(a_run: Any) -> None:
    samples = {"number": (0.0, 1.0, 2.0), "age_ms": (3.0, None, 1.0)}
    run = dataclasses.replace(a_run("paced"), samples=samples)
    assert run.values("age_ms") == [3.0, 1.0]
    assert run.values("absent") == []
