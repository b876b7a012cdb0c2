"""A graph as the rules look at it: who makes a tensor, who reads it, what is constant."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from sonoedge.errors import InvalidNetwork

# Operators that a quantized tensor passes through unchanged.
PASSING: Final = frozenset(
    {
        *("MaxPool", "Reshape", "Transpose", "Flatten", "Squeeze", "Unsqueeze", "Slice"),
        *("Concat", "Pad", "Identity"),
    }
)
QUANTIZERS: Final = ("QuantizeLinear", "DequantizeLinear")


class View:
    """An ONNX model, indexed."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model, self.graph = model, model.graph
        self.nodes: list[onnx.NodeProto] = list(model.graph.node)
        self.constants: dict[str, TensorProto] = {t.name: t for t in model.graph.initializer}
        self.maker: dict[str, onnx.NodeProto] = {}
        self.readers: dict[str, list[onnx.NodeProto]] = defaultdict(list)
        for node in self.nodes:
            if node.op_type == "Constant":
                value = attribute(node, "value")
                if isinstance(value, TensorProto):
                    self.constants[node.output[0]] = value
            for tensor in node.output:
                self.maker[tensor] = node
            for tensor in node.input:
                self.readers[tensor].append(node)

    def of(self, *kinds: str) -> list[onnx.NodeProto]:
        """The nodes of these operators."""
        return [n for n in self.nodes if n.op_type in kinds]

    def value(self, tensor: str) -> npt.NDArray[Any] | None:
        """A constant's value; None where the tensor is computed.

        Raises:
            InvalidNetwork: its bytes are not what its type and shape say.
        """
        initializer = self.constants.get(tensor)
        if initializer is None or initializer.data_location == TensorProto.EXTERNAL:
            return None
        try:
            return np.asarray(numpy_helper.to_array(initializer))
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidNetwork(f"the constant {tensor} cannot be read: {error}") from None

    def made_by(self, tensor: str, *kinds: str) -> bool:
        """Whether a node of one of these operators makes the tensor."""
        maker = self.maker.get(tensor)
        return maker is not None and maker.op_type in kinds

    def constant(self, tensor: str) -> bool:
        """Whether the tensor is constant, or the cast of a constant."""
        if tensor in self.constants:
            return True
        return self.made_by(tensor, "Cast", "Identity") and self.constant(
            self.maker[tensor].input[0]
        )

    def constant_weights(self, node: onnx.NodeProto) -> bool:
        """Whether a (de)quantizer works on constants: on weights, not on activations."""
        tensor = node.input[0]
        if self.made_by(tensor, "QuantizeLinear"):
            tensor = self.maker[tensor].input[0]
        return self.constant(tensor)

    def dequantized(self, tensor: str) -> bool:
        """Whether the tensor comes out of DequantizeLinear, perhaps through PASSING ones."""
        return self.scale(tensor) is not None

    def scale(self, tensor: str, depth: int = 12) -> tuple[float, ...] | None:
        """Scales of the DequantizeLinear that the tensor comes out of, perhaps through PASSING
        ones; None where there is none, or where a concatenation joins different scales."""
        maker = self.maker.get(tensor)
        if maker is None or depth == 0:
            return None
        if maker.op_type == "DequantizeLinear":
            value = self.value(maker.input[1])
            return () if value is None else tuple(value.astype(np.float64).ravel().tolist())
        if maker.op_type not in PASSING:
            return None
        through = maker.input if maker.op_type == "Concat" else maker.input[:1]
        scales = {self.scale(t, depth - 1) for t in through}
        return scales.pop() if len(scales) == 1 else None

    def quantized_type(self, node: onnx.NodeProto) -> int:
        """A (de)quantizer's integer type (TensorProto's number); ONNX says uint8 by default."""
        if len(node.input) > 2 and node.input[2]:
            zero = self.constants.get(node.input[2])
            return TensorProto.UNDEFINED if zero is None else zero.data_type
        if node.op_type == "QuantizeLinear":
            return int(attribute(node, "output_dtype", 0)) or TensorProto.UINT8
        initializer = self.constants.get(node.input[0])
        if initializer is not None:
            return initializer.data_type
        maker = self.maker.get(node.input[0])
        if maker is not None and maker.op_type == "QuantizeLinear":
            return self.quantized_type(maker)
        return TensorProto.UNDEFINED


def attribute(node: onnx.NodeProto, name: str, default: Any = None) -> Any:
    """An attribute's value."""
    for item in node.attribute:
        if item.name == name:
            return helper.get_attribute_value(item)
    return default


def title(node: onnx.NodeProto) -> str:
    """The node's name, or that of its first output."""
    return str(node.name or node.output[0])
