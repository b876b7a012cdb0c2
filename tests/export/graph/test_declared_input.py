from __future__ import annotations

from typing import Any

import onnx
import pytest
from onnx import TensorProto, helper

from sonoedge.errors import InvalidNetwork
from sonoedge_export.graph.declared_input import DeclaredInput, declared_input
from sonoedge_export.recipe.network import Network


def model(*shape: int | str, kind: int = TensorProto.FLOAT, inputs: int = 1) -> onnx.ModelProto:
    """A graph that hands its input on; nothing but its declaration is read."""
    given = [helper.make_tensor_value_info(f"x{n}", kind, shape) for n in range(inputs)]
    made = helper.make_tensor_value_info("y", kind, shape)
    node = helper.make_node("Identity", ["x0"], ["y"])
    return helper.make_model(helper.make_graph([node], "g", given, [made]))


def declared(
    *shape: int | str, network: dict[str, Any] | None = None, **more: Any
) -> DeclaredInput:
    spec = Network(onnx="f.onnx", **(network or {}))
    return declared_input(model(*shape, **more), spec, (64, 96), "f.onnx")


@pytest.mark.parametrize(
    "shape", [(1, 1, 64, 96), ("batch", 1, 64, 96), ("n", "c", "h", "w"), (1, 1, "h", 96)]
)
def test_sizes_left_open_are_the_recipes(shape: tuple[int | str, ...]) -> None:
    assert declared(*shape) == DeclaredInput(name="x0", dtype="float32", layout="NCHW")


def test_channels_last_and_other_types_are_told() -> None:
    assert declared(1, 64, 96, 1).layout == "NHWC"
    assert declared(1, "h", "w", 3, network={"channels": 3}).layout == "NHWC"
    assert declared(1, 1, 64, 96, kind=TensorProto.FLOAT16).dtype == "float16"
    assert declared(1, 1, 64, 96, kind=TensorProto.UINT8).dtype == "uint8"


@pytest.mark.parametrize(
    ("shape", "more", "says"),
    [
        ((8, 1, 64, 96), {}, r"'x0' of f.onnx, float32 \[8, 1, 64, 96\], takes 8 pictures"),
        ((1, 1, 32, 96), {}, "set input.height = 32"),
        ((1, 1, 64, 64), {}, "set input.width = 64"),
        ((1, 3, 64, 96), {}, "set network.channels = 3"),
        ((1, 64, 96, 3), {}, "set network.channels = 3"),
        ((1, 5, 64, 96), {}, "takes 5 channels.* 1 or 3 can be given"),
        ((64, 96), {}, "has 2 dimensions; a picture has 4"),
        ((1, 1, 64, 96), {"kind": TensorProto.INT64}, "is int64; float32, float16, uint8"),
        ((1, 1, 64, 96), {"inputs": 2}, "must have one input, the picture; it has x0, x1"),
        (
            (1, 1, 64, 96),
            {"kind": TensorProto.UINT8, "network": {"mean": 0.0}},
            "scales them itself; leave out network.mean",
        ),
    ],
)
def test_what_the_recipes_frames_do_not_fit_is_refused(
    shape: tuple[int, ...], more: dict[str, Any], says: str
) -> None:
    with pytest.raises(InvalidNetwork, match=says):
        declared(*shape, **more)
