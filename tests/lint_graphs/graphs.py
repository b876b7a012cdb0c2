"""Small graphs: clean ones, and for each rule one that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

Array = npt.NDArray[Any]
SIDE: Final = 16


class Net:
    """A graph under construction; every method gives the name of a tensor."""

    def __init__(self, channels: int = 16, given: str = "x") -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[TensorProto] = []
        self.channels = channels
        self.x = given
        self.rng = np.random.default_rng(0)

    def const(self, value: Array) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def add(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        name = f"{kind}{len(self.nodes)}"
        self.nodes.append(
            helper.make_node(kind, inputs, [f"{name}/out"], name=name, domain=domain, **attributes)
        )
        return f"{name}/out"

    def pair(
        self,
        tensor: str,
        scale: Array | float = 0.05,
        zero: Array | None = None,
        *,
        domain: str = "",
        **attributes: Any,
    ) -> str:
        """Quantize and dequantize; symmetric int8 unless said otherwise."""
        scale = np.asarray(scale, dtype=None if isinstance(scale, np.ndarray) else np.float32)
        if zero is None:
            zero = np.zeros(scale.shape, dtype=np.int8)
        factors = (self.const(scale), self.const(np.asarray(zero)))
        quantized = self.add("QuantizeLinear", tensor, *factors, domain=domain, **attributes)
        return self.add("DequantizeLinear", quantized, *factors, domain=domain, **attributes)

    def floats(self, *shape: int) -> Array:
        return self.rng.normal(0, 0.1, shape).astype(np.float32)

    def weights(self, *shape: int, axis: int = 0, lowest: int = -127) -> str:
        """int8 weights behind their DequantizeLinear, one scale per channel of the axis."""
        levels = self.rng.integers(-127, 128, shape).astype(np.int8)
        levels.ravel()[0] = lowest
        scale = np.full(shape[axis], 0.001, dtype=np.float32)
        zero = np.zeros(shape[axis], dtype=np.int8)
        parts = (self.const(levels), self.const(scale), self.const(zero))
        return self.add("DequantizeLinear", *parts, axis=axis)

    def conv(self, tensor: str, weights: str | None = None, **attributes: Any) -> str:
        """A 3 x 3 convolution, int8 weights unless given, with a float bias."""
        c = self.channels
        weights = self.weights(c, c, 3, 3) if weights is None else weights
        bias = self.const(self.floats(c))
        return self.add("Conv", tensor, weights, bias, pads=[1, 1, 1, 1], **attributes)

    def model(self, *outputs: str, ir: int = 10, side: object = SIDE) -> onnx.ModelProto:
        shape = [1, self.channels, side, side]
        given = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
        last = [helper.make_tensor_value_info(o, TensorProto.FLOAT, None) for o in outputs]
        graph = helper.make_graph(self.nodes, "g", [given], last, initializer=self.constants)
        opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
        used = {n.domain for n in self.nodes}
        keep = [o for o in opsets if o.domain in used or not o.domain]
        made = helper.make_model(graph, opset_imports=keep, ir_version=ir)
        return onnx.shape_inference.infer_shapes(made)


def float_net() -> onnx.ModelProto:
    net = Net()
    w = net.const(net.floats(16, 16, 3, 3))
    return net.model(net.add("Relu", net.conv(net.x, w)))


def int8_net() -> onnx.ModelProto:
    net = Net()
    first = net.add("Relu", net.conv(net.pair(net.x)))
    return net.model(net.conv(net.pair(first)))


def int8_residual() -> onnx.ModelProto:
    net = Net()
    skip = net.pair(net.add("Relu", net.conv(net.pair(net.x))))
    inner = net.add("Relu", net.conv(skip))
    return net.model(net.add("Relu", net.add("Add", net.conv(net.pair(inner)), skip)))


def int8_behind_pool_and_concat() -> onnx.ModelProto:
    net = Net()
    pooled = net.add("MaxPool", net.pair(net.x), kernel_shape=[2, 2], strides=[2, 2])
    both = net.add("Concat", pooled, pooled, axis=1)
    return net.model(net.conv(both, net.weights(16, 32, 3, 3)))


def float_resize() -> onnx.ModelProto:
    return _resized("linear", "half_pixel")


CLEAN: Final[dict[str, Callable[[], onnx.ModelProto]]] = {
    "float": float_net,
    "int8": int8_net,
    "residual": int8_residual,
    "passing": int8_behind_pool_and_concat,
    "resize": float_resize,
}


def foreign_domain() -> onnx.ModelProto:
    net = Net()
    return net.model(net.conv(net.pair(net.x, domain="com.microsoft")))


def integer_operator() -> onnx.ModelProto:
    net = Net()
    scale, zero = net.const(np.float32(0.05)), net.const(np.int8(0))
    x = net.add("QuantizeLinear", net.x, scale, zero)
    w = net.const(net.rng.integers(-127, 128, (16, 16, 1, 1)).astype(np.int8))
    y = net.add("QLinearConv", x, scale, zero, w, scale, zero, scale, zero)
    return net.model(net.add("DequantizeLinear", y, scale, zero))


def scale_not_constant() -> onnx.ModelProto:
    net = Net()
    scale = net.add("ReduceMax", net.add("Abs", net.x), keepdims=0)
    zero = net.const(np.int8(0))
    quantized = net.add("QuantizeLinear", net.x, scale, zero)
    return net.model(net.conv(net.add("DequantizeLinear", quantized, scale, zero)))


def scale_not_positive() -> onnx.ModelProto:
    net = Net()
    return net.model(net.conv(net.pair(net.x, 0.0)))


def zero_point_not_constant() -> onnx.ModelProto:
    net = Net()
    largest = net.add("ReduceMax", net.x, keepdims=0)
    zero = net.add("Cast", net.add("Sub", largest, largest), to=TensorProto.INT8)
    scale = net.const(np.float32(0.05))
    quantized = net.add("QuantizeLinear", net.x, scale, zero)
    return net.model(net.conv(net.add("DequantizeLinear", quantized, scale, zero)))


def quantized_bias(dtype: type[np.signedinteger[Any]] = np.int32) -> onnx.ModelProto:
    net = Net()
    parts = [np.arange(16, dtype=dtype), np.full(16, 1e-3, np.float32), np.zeros(16, dtype)]
    bias = net.add("DequantizeLinear", *(net.const(p) for p in parts), axis=0)
    y = net.add("Conv", net.pair(net.x), net.weights(16, 16, 3, 3), bias, pads=[1, 1, 1, 1])
    return net.model(y)


def uint8() -> onnx.ModelProto:
    net = Net()
    return net.model(net.conv(net.pair(net.x, 0.05, np.uint8(0))))  # type: ignore[arg-type]


def uint8_by_default() -> onnx.ModelProto:
    """No zero point: ONNX's default is uint8."""
    net = Net()
    scale = net.const(np.float32(0.05))
    quantized = net.add("QuantizeLinear", net.x, scale)
    return net.model(net.conv(net.add("DequantizeLinear", quantized, scale)))


def other_type() -> onnx.ModelProto:
    net = Net()
    return net.model(net.conv(net.pair(net.x, 0.05, np.int16(0))))  # type: ignore[arg-type]


def asymmetric() -> onnx.ModelProto:
    net = Net()
    return net.model(net.conv(net.pair(net.x, 0.05, np.int8(3))))  # type: ignore[arg-type]


def wide_weights() -> onnx.ModelProto:
    net = Net()
    return net.model(net.conv(net.pair(net.x), net.weights(16, 16, 3, 3, lowest=-128)))


def per_channel_activation() -> onnx.ModelProto:
    net = Net()
    scales = np.linspace(0.01, 0.05, 16, dtype=np.float32)
    return net.model(net.conv(net.pair(net.x, scales, axis=1)))


def not_dequantized() -> onnx.ModelProto:
    net = Net()
    scale, zero = net.const(np.float32(0.05)), net.const(np.int8(0))
    quantized = net.add("QuantizeLinear", net.x, scale, zero)
    return net.model(net.add("Cast", quantized, to=TensorProto.FLOAT))


def computed_weights() -> onnx.ModelProto:
    net = Net()
    flat = net.add("Reshape", net.x, net.const(np.array([-1])))
    some = net.add("Slice", flat, net.const(np.array([0])), net.const(np.array([16 * 16 * 9])))
    w = net.add("Reshape", some, net.const(np.array([16, 16, 3, 3])))
    return net.model(net.conv(net.x, w))


def half_quantized() -> onnx.ModelProto:
    net = Net()
    return net.model(net.conv(net.x))


def weight_axis() -> onnx.ModelProto:
    net = Net()
    return net.model(net.conv(net.pair(net.x), net.weights(16, 16, 3, 3, axis=1)))


def int8_bias() -> onnx.ModelProto:
    return quantized_bias(np.int8)


def output_split() -> onnx.ModelProto:
    net = Net()
    y = net.conv(net.pair(net.x))
    return net.model(net.conv(net.pair(y)), net.add("Sigmoid", y))


def before_activation() -> onnx.ModelProto:
    net = Net()
    early = net.add("Relu", net.pair(net.conv(net.pair(net.x))))
    return net.model(net.conv(net.pair(early)))


def skip_not_quantized() -> onnx.ModelProto:
    net = Net()
    skip = net.add("Relu", net.conv(net.pair(net.x)))
    return net.model(net.add("Relu", net.add("Add", net.conv(net.pair(skip)), skip)))


def both_quantized() -> onnx.ModelProto:
    net = Net()
    skip = net.pair(net.add("Relu", net.conv(net.pair(net.x))))
    return net.model(net.add("Relu", net.add("Add", net.pair(net.conv(skip)), skip)))


def batch_norm() -> onnx.ModelProto:
    net = Net()
    ones = net.const(np.ones(16, np.float32))
    y = net.conv(net.pair(net.x))
    return net.model(net.add("BatchNormalization", y, ones, ones, ones, ones))


def concat_scales() -> onnx.ModelProto:
    net = Net()
    both = net.add("Concat", net.pair(net.x, 0.05), net.pair(net.x, 0.02), axis=1)
    return net.model(net.conv(both, net.weights(16, 32, 3, 3)))


def resize_mode() -> onnx.ModelProto:
    return _resized("linear", "tf_crop_and_resize")


def dynamic_shape() -> onnx.ModelProto:
    net = Net()
    w = net.const(net.floats(16, 16, 3, 3))
    return net.model(net.conv(net.x, w), side="side")


def grouped() -> onnx.ModelProto:
    net = Net()
    return net.model(net.conv(net.pair(net.x), net.weights(16, 1, 3, 3), group=16))


def transposed() -> onnx.ModelProto:
    net = Net()
    w = net.weights(16, 16, 2, 2, axis=1)
    return net.model(net.add("ConvTranspose", net.pair(net.x), w, strides=[2, 2]))


def half_scale() -> onnx.ModelProto:
    net = Net()
    half = net.add("Cast", net.x, to=TensorProto.FLOAT16)
    y = net.pair(half, np.array(0.05, dtype=np.float16))
    return net.model(net.add("Cast", y, to=TensorProto.FLOAT))


def weights_elsewhere() -> onnx.ModelProto:
    made = float_net()
    tensor = made.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="weights.bin")
    return made


def _resized(mode: str, coordinates: str) -> onnx.ModelProto:
    net = Net()
    scales = net.const(np.array([1, 1, 2, 2], np.float32))
    roi = net.const(np.array([0, 0, 0.1, 0.1, 1, 1, 0.9, 0.9], np.float32))
    y = net.add("Resize", net.x, roi, scales, mode=mode, coordinate_transformation_mode=coordinates)
    return net.model(y)


BROKEN: Final[dict[str, Callable[[], onnx.ModelProto]]] = {
    "T001": foreign_domain,
    "T002": integer_operator,
    "T003": scale_not_constant,
    "T004": scale_not_positive,
    "T005": zero_point_not_constant,
    "T006": quantized_bias,
    "T007": uint8,
    "T008": other_type,
    "T009": asymmetric,
    "T010": wide_weights,
    "T011": per_channel_activation,
    "T012": not_dequantized,
    "T013": computed_weights,
    "T014": half_quantized,
    "T015": weight_axis,
    "T016": int8_bias,
    "T017": output_split,
    "T018": before_activation,
    "T019": skip_not_quantized,
    "T020": both_quantized,
    "T021": batch_norm,
    "T022": concat_scales,
    "T023": resize_mode,
    "T024": dynamic_shape,
    "T025": grouped,
    "T026": transposed,
    "T027": half_scale,
    "T028": weights_elsewhere,
}
