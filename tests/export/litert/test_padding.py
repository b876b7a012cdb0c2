from __future__ import annotations

from typing import Any

import pytest
from onnx import helper

from sonoedge.errors import RuntimeUnavailable
from sonoedge_export.litert.padding import window


def of(kernel: tuple[int, ...], **attributes: Any) -> Any:
    return window(helper.make_node("Conv", ["x", "w"], ["y"], **attributes), kernel)


@pytest.mark.parametrize(
    ("kernel", "attributes", "sizes", "same"),
    [
        ((3, 3), {"pads": [1, 1, 1, 1]}, (12, 12), True),
        ((3, 3), {"pads": [1, 1, 1, 1], "strides": [2, 2]}, (12, 12), False),
        ((3, 3), {"pads": [0, 0, 1, 1], "strides": [2, 2]}, (12, 12), True),
        ((3, 3), {"pads": [1, 1, 1, 1], "strides": [2, 2]}, (13, 13), True),
        ((3, 3), {"pads": [2, 2, 2, 2], "dilations": [2, 2]}, (12, 12), True),
        ((5, 5), {"pads": [1, 1, 2, 2], "strides": [2, 2]}, (8, 8), True),
        ((3, 3), {}, (12, 12), False),
    ],
    ids=str,
)
def test_litert_s_same_is_told_from_other_pads(
    kernel: tuple[int, int], attributes: dict[str, Any], sizes: tuple[int, int], same: bool
) -> None:
    assert of(kernel, **attributes).is_same(sizes) is same


def test_what_is_not_in_numbers_or_of_two_dimensions_is_refused() -> None:
    for kernel, attributes in (((3,), {}), ((3, 3), {"auto_pad": "SAME_UPPER"})):
        with pytest.raises(RuntimeUnavailable, match="two dimensions with pads in numbers"):
            of(kernel, **attributes)
