from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from litert_graphs import Graph, check_same, node
from sonoedge.errors import RuntimeUnavailable
from sonoedge.runtime import runtime_class
from sonoedge_export.litert.convert import to_litert


def enlarged(rows: float, columns: float, **attributes: Any) -> Graph:
    scales = np.array([1, 1, rows, columns], np.float32)
    return Graph(nodes=[node("Resize", "x", "", "s", **attributes)], constants={"s": scales})


FLOOR = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}


@pytest.mark.parametrize("factors", [(2, 2), (4, 4), (3, 3), (2, 1), (6, 6), (4, 2)])
@pytest.mark.parametrize("way", [FLOOR, {}], ids=["asymmetric", "half pixel"])
def test_pixels_are_repeated_as_in_onnx_runtime(
    factors: tuple[int, int], way: dict[str, str]
) -> None:
    check_same(enlarged(*factors, mode="nearest", **way), tolerance=0)


def test_twice_the_size_stays_on_the_fast_path() -> None:
    model = to_litert(enlarged(2, 2, mode="nearest", **FLOOR).onnx())
    fast: Any = runtime_class("litert")(model, precision="fp32", threads=1)
    assert fast.off_fast_path == ()
    model = to_litert(enlarged(3, 3, mode="nearest", **FLOOR).onnx())
    slow: Any = runtime_class("litert")(model, precision="fp32", threads=1)
    assert slow.off_fast_path == ("RESIZE_NEAREST_NEIGHBOR",)


@pytest.mark.parametrize("way", ["half_pixel", "align_corners"])
def test_bilinear_is_that_of_onnx_runtime(way: str) -> None:
    check_same(enlarged(4, 4, mode="linear", coordinate_transformation_mode=way), tolerance=1e-4)


@pytest.mark.parametrize(
    ("factors", "attributes"),
    [
        ((1.5, 1.5), {"mode": "nearest"}),
        ((2, 2), {"mode": "cubic"}),
        ((2, 2), {"mode": "linear", "coordinate_transformation_mode": "asymmetric"}),
    ],
)
def test_another_way_is_refused(factors: Any, attributes: dict[str, str]) -> None:
    with pytest.raises(RuntimeUnavailable, match=r"Resize \(tested\) is not written for LiteRT"):
        enlarged(*factors, **attributes).engines()
