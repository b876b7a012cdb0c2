from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from sonoedge.engines.litert_operators import FEWEST_VALUES, off_fast_path

LARGE, SMALL = (1, 16, 16, 4), (1, 3)


class Interpreter:
    """Operators as LiteRT lists them: those of the file, then its delegates."""

    def __init__(self, operators: Sequence[tuple[str, list[int], list[int]]], output: int) -> None:
        self.operators, self.output = operators, output

    def _get_ops_details(self) -> list[dict[str, Any]]:
        return [
            {"index": n, "op_name": name, "inputs": np.array(i), "outputs": np.array(o)}
            for n, (name, i, o) in enumerate(self.operators)
        ]

    def get_tensor_details(self) -> list[dict[str, Any]]:
        shapes = {0: LARGE, 1: LARGE, 2: LARGE, 3: LARGE, 4: SMALL, 5: SMALL}
        return [{"index": n, "shape": np.array(s)} for n, s in shapes.items()]

    def get_output_details(self) -> list[dict[str, Any]]:
        return [{"index": self.output}]


FILE = [("CONV_2D", [0], [1]), ("GATHER", [1], [2]), ("CONV_2D", [2], [3])]


def test_without_a_delegate_every_operator_is_off_the_fast_path() -> None:
    assert off_fast_path(Interpreter(FILE, 3)) == ("CONV_2D", "CONV_2D", "GATHER")


@pytest.mark.req("R91")
def test_what_a_delegate_stands_for_is_on_it() -> None:
    delegates = [("DELEGATE", [0], [1]), ("DELEGATE", [2], [3])]
    assert off_fast_path(Interpreter([*FILE, *delegates], 3)) == ("GATHER",)
    assert off_fast_path(Interpreter([*FILE, ("DELEGATE", [0], [3])], 3)) == ()


def test_an_operator_of_a_few_values_is_no_loss() -> None:
    assert np.prod(SMALL) < FEWEST_VALUES <= np.prod(LARGE)
    file = [*FILE, ("MEAN", [3, -1], [4]), ("LESS", [4], [5]), ("DELEGATE", [0], [4])]
    assert off_fast_path(Interpreter(file, 5)) == ()
