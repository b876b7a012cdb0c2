"""Convolutions and products with weights, in int8 where both sides are quantized."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnx

from sonoedge_export.lint.view import attribute
from sonoedge_export.litert.draft import Draft
from sonoedge_export.litert.layout import refuse
from sonoedge_export.litert.model_file import Scales
from sonoedge_export.litert.padding import placed, window

# What a layer's operator can do to its own output, by (least, most).
ACTIVATIONS: Final = {(0.0, np.inf): "RELU", (0.0, 6.0): "RELU6", (-1.0, 1.0): "RELU_N1_TO_1"}
MOST_WEIGHT: Final = 127  # some kernels add two products in 16 bits, and -128 is one too many


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """A layer's weights in ONNX's layout; integers with a scale per output channel."""

    values: npt.NDArray[Any]
    scale: npt.NDArray[np.float32]


def conv(draft: Draft, node: onnx.NodeProto) -> None:
    """CONV_2D, or DEPTHWISE_CONV_2D where each group is one channel."""
    weight = draft.constant(node.input[1])
    if weight is None or weight.ndim != 4:
        raise refuse(node, "only constant kernels of two dimensions are")
    groups, channels = attribute(node, "group", 1), draft.shape(node.input[0])[1]
    depthwise = groups == channels and groups > 1
    frame = window(node, weight.shape[2:])
    code = "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D"
    options: dict[str, Any] = {
        "strideH": frame.strides[0],
        "strideW": frame.strides[1],
        "dilationHFactor": frame.dilations[0],
        "dilationWFactor": frame.dilations[1],
    }
    if depthwise:
        options["depthMultiplier"] = weight.shape[0] // channels

    def arranged(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.transpose(values, (1, 2, 3, 0) if depthwise else (0, 2, 3, 1))

    layer = _Layer(draft, node, arranged, axis=3 if depthwise else 0)
    source, scales = layer.source()
    number, padding = placed(draft, source, frame, node.name, scales)
    kind = "DepthwiseConv2DOptions" if depthwise else "Conv2DOptions"
    layer.write(code, number, kind, {**options, "padding": padding})


def gemm(draft: Draft, node: onnx.NodeProto) -> None:
    """FULLY_CONNECTED of a tensor and constant weights."""
    if node.op_type == "Gemm" and (
        attribute(node, "alpha", 1.0) != 1.0
        or attribute(node, "beta", 1.0) != 1.0
        or attribute(node, "transA", 0)
    ):
        raise refuse(node, "only alpha = beta = 1, transA = 0 are")
    weight = draft.constant(node.input[1])
    if weight is None or weight.ndim != 2 or len(draft.shape(node.input[0])) != 2:
        raise refuse(node, "only a matrix times constant weights is")
    transposed = bool(attribute(node, "transB", 0))

    def arranged(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return values if transposed else values.T

    layer = _Layer(draft, node, arranged, axis=0)
    source, _ = layer.source()
    layer.write("FULLY_CONNECTED", source, "FullyConnectedOptions", {})


class _Layer:
    """One layer on its way into the file."""

    def __init__(self, draft: Draft, node: onnx.NodeProto, arranged: Any, *, axis: int) -> None:
        self.draft, self.node, self.arranged, self.axis = draft, node, arranged, axis
        self.activation, self.output = self._activation()
        self.scales = draft.rounded(self.output)
        self.integers = draft.integers(node.input[0])
        self.weights = _integer_weights(draft, node)
        if self.integers is None or self.weights is None or self.scales is None:
            self.scales = self.integers = self.weights = None

    def source(self) -> tuple[int, Scales | None]:
        """The input's tensor, and its scale where the layer computes in integers."""
        if self.integers is None:
            return self.draft.number(self.node.input[0]), None
        return self.integers, self.draft.scales_of(self.integers)

    def write(self, code: str, number: int, options: str, settings: dict[str, Any]) -> None:
        draft, node = self.draft, self.node
        kernel, bias = self._integer_constants() if self.weights else self._float_constants()
        if self.scales is None:
            output = draft.new(self.output)
            draft.put(self.output, output)
        else:
            output = draft.write_integers(self.output, self.scales)
        kinds = draft.file.schema.ActivationFunctionType
        settings["fusedActivationFunction"] = getattr(kinds, self.activation)
        draft.file.operator(code, [number, kernel, bias], output, options, **settings)
        if self.output != node.output[0]:
            draft.fused.add(draft.view.readers[node.output[0]][0].name)

    def _float_constants(self) -> tuple[int, int]:
        weight, bias = self.draft.constant(self.node.input[1]), self._bias()
        assert weight is not None
        return self._constants(np.asarray(weight, dtype=np.float32), bias.astype(np.float32))

    def _integer_constants(self) -> tuple[int, int]:
        assert self.weights is not None
        assert self.integers is not None
        step = self.draft.scales_of(self.integers).scale[0]
        scale = self.weights.scale * np.float32(step)
        levels = np.rint(self._bias().astype(np.float64) / scale.astype(np.float64))
        if np.abs(levels).max(initial=0) >= 2**31:
            raise refuse(self.node, "its bias is too large for its scale")
        zero = (0,) * len(scale)
        kernel = Scales(scale=tuple(self.weights.scale.tolist()), zero=zero, axis=self.axis)
        bias = Scales(scale=tuple(scale.tolist()), zero=zero)
        return self._constants(self.weights.values, levels.astype(np.int32), kernel, bias)

    def _constants(
        self,
        weight: npt.NDArray[Any],
        bias: npt.NDArray[Any],
        kernel_scales: Scales | None = None,
        bias_scales: Scales | None = None,
    ) -> tuple[int, int]:
        file, name = self.draft.file, self.node.name
        value = self.arranged(weight)
        return (
            file.tensor(
                f"{name}_weight", value.shape, str(value.dtype), scales=kernel_scales, data=value
            ),
            file.tensor(f"{name}_bias", bias.shape, str(bias.dtype), scales=bias_scales, data=bias),
        )

    def _bias(self) -> npt.NDArray[Any]:
        channels = self.draft.shape(self.node.output[0])[1]
        if len(self.node.input) < 3 or not self.node.input[2]:
            return np.zeros(channels, dtype=np.float32)
        bias = self.draft.constant(self.node.input[2])
        if bias is None:
            raise refuse(self.node, "its bias is computed")
        return np.broadcast_to(bias.reshape(-1), (channels,))

    def _activation(self) -> tuple[str, str]:
        """What is done to the output alone, and the name of the value behind it."""
        output = self.node.output[0]
        readers = self.draft.view.readers[output]
        graph_outputs = {o.name for o in self.draft.view.graph.output}
        if len(readers) == 1 and output not in graph_outputs:
            limits = clip_limits(self.draft, readers[0])
            if limits in ACTIVATIONS:
                return ACTIVATIONS[limits], readers[0].output[0]
        return "NONE", output


def clip_limits(draft: Draft, node: onnx.NodeProto) -> tuple[float, float] | None:
    """What Relu or Clip limits its input to; None for other operators."""
    if node.op_type == "Relu":
        return (0.0, np.inf)
    if node.op_type != "Clip":
        return None
    limits = [-np.inf, np.inf]
    for at, name in enumerate(node.input[1:3]):
        if name:
            value = draft.constant(name)
            if value is None:
                raise refuse(node, "its limits are computed")
            limits[at] = float(value.item())
    return limits[0], limits[1]


def _integer_weights(draft: Draft, node: onnx.NodeProto) -> Weights | None:
    """A layer's int8 weights; None where they are float."""
    maker = draft.view.maker.get(node.input[1])
    if maker is None or maker.op_type != "DequantizeLinear":
        return None
    values, scale, zero = (draft.view.value(name) for name in maker.input)
    if values is None or scale is None or zero is None or values.dtype != np.int8 or zero.any():
        raise refuse(node, "only int8 weights around zero are")
    if values.min() < -MOST_WEIGHT:
        raise refuse(node, f"its weights go below -{MOST_WEIGHT}")
    channels = draft.shape(node.output[0])[1]
    along = 0 if node.op_type == "Conv" or attribute(node, "transB", 0) else 1
    if scale.size > 1 and attribute(maker, "axis", 1) != along:
        raise refuse(node, "its weights are not scaled by output channel")
    return Weights(values=values, scale=np.broadcast_to(scale.reshape(-1), (channels,)))
