"""An ONNX graph on its way into LiteRT's file: which tensor holds which value, and how.

A pair of QuantizeLinear and DequantizeLinear is where ONNX keeps integers. ONNX Runtime's
are uint8, LiteRT's int8 with a zero point that is 128 less: the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnx
from onnx import shape_inference

from sonoedge_export.lint.view import View, attribute
from sonoedge_export.litert import layout
from sonoedge_export.litert.layout import refuse
from sonoedge_export.litert.model_file import ModelFile, Scales

SHIFT: Final = 128  # from uint8 to int8


class Draft:
    """What the operators' writers read and add to.

    Attributes:
        view: the ONNX graph, indexed.
        file: what is written.
        fused: nodes that another node's operator has taken over.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        inferred = shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
        self.view, self.file = View(inferred), ModelFile()
        self.fused: set[str] = set()
        self._shapes = _shapes(inferred)
        self._floats: dict[str, int] = {}
        self._integers: dict[str, int] = {}
        self._scales: dict[int, Scales] = {}

    def shape(self, name: str) -> tuple[int, ...]:
        """A value's shape in ONNX."""
        constant = self.view.constants.get(name)
        return self._shapes[name] if constant is None else tuple(constant.dims)

    def constant(self, name: str) -> npt.NDArray[Any] | None:
        """A constant's value, through DequantizeLinear too; None where it is computed."""
        maker = self.view.maker.get(name)
        if maker is None or maker.op_type != "DequantizeLinear":
            return self.view.value(name)
        levels = self.view.value(maker.input[0])
        if levels is None:
            return None
        scale, zero = (self.view.value(maker.input[i]) for i in (1, 2))
        assert scale is not None
        assert zero is not None
        sizes = [1] * levels.ndim
        if scale.size > 1:
            sizes[attribute(maker, "axis", 1)] = scale.size
        numbers = (levels.astype(np.int32) - zero.astype(np.int32).reshape(sizes)).astype(
            np.float32
        )
        return np.asarray(numbers * scale.reshape(sizes), dtype=np.float32)

    def new(self, name: str, dtype: str = "float32", scales: Scales | None = None) -> int:
        """A computed tensor for an ONNX value, in LiteRT's layout."""
        number = self.file.tensor(name, layout.shape(self.shape(name)), dtype, scales=scales)
        if scales is not None:
            self._scales[number] = scales
        return number

    def put(self, name: str, number: int) -> None:
        """This tensor holds the value, in float, bool, or as levels of the graph's ends."""
        self._floats[name] = number

    def put_integers(self, name: str, number: int) -> None:
        """This tensor holds the integers of a QuantizeLinear's output."""
        self._integers[name] = number

    def number(self, name: str) -> int:
        """The tensor of a value as it is computed in float; integers are dequantized once."""
        if name not in self._floats:
            constant = self.constant(name)
            if constant is not None:
                value = layout.constant(constant)
                self._floats[name] = self.file.tensor(
                    name, value.shape, str(value.dtype), data=value
                )
            else:
                integers = self._integers[self.view.maker[name].input[0]]
                self._floats[name] = self.new(name)
                self.file.operator("DEQUANTIZE", [integers], self._floats[name])
        return self._floats[name]

    def joined(self, name: str, rank: int) -> int:
        """The tensor of an operand that is joined with one of so many dimensions."""
        constant = self.constant(name)
        if constant is None:
            return self.number(name)
        value = layout.broadcastable(constant, rank)
        return self.file.tensor(name, value.shape, str(value.dtype), data=value)

    def integers(self, name: str) -> int | None:
        """The int8 tensor that a value was dequantized from; None where it is float."""
        maker = self.view.maker.get(name)
        if maker is None or maker.op_type != "DequantizeLinear":
            return None
        return self._integers.get(maker.input[0])

    def scales_of(self, number: int) -> Scales:
        """How an int8 tensor's integers stand for numbers."""
        return self._scales[number]

    def read_scales(self, node: onnx.NodeProto) -> Scales:
        """Those of a QuantizeLinear of activations, as int8."""
        scale, zero = self.view.value(node.input[1]), self.view.value(node.input[2])
        if scale is None or zero is None or scale.size != 1 or zero.dtype != np.uint8:
            raise refuse(node, "only uint8 activations of one scale are")
        return Scales(scale=(float(scale.item()),), zero=(int(zero.item()) - SHIFT,))

    def rounded(self, name: str) -> Scales | None:
        """How a value is quantized, where nothing reads it but quantizers of one kind."""
        readers = self.view.readers[name]
        if not readers or any(n.op_type != "QuantizeLinear" for n in readers):
            return None
        if name in {o.name for o in self.view.graph.output}:
            return None
        found = {self.read_scales(n) for n in readers}
        return found.pop() if len(found) == 1 else None

    def write_integers(self, name: str, scales: Scales) -> int:
        """The int8 tensor of a value that is computed in integers; its quantizers are done."""
        number = self.new(name, "int8", scales)
        self.take_integers(name, number, scales)
        return number

    def take_integers(self, name: str, number: int, scales: Scales) -> None:
        """This int8 tensor is what the quantizers of a value would make of it."""
        self._scales[number] = scales
        for node in self.view.readers[name]:
            self.put_integers(node.output[0], number)
            self.fused.add(node.name)

    def requantized(self, number: int, scales: Scales, name: str) -> int:
        """The same numbers on another scale; the same tensor where it is the same."""
        before = self._scales[number]
        if before == scales:
            return number
        sizes = self.file.shapes[number]
        other = self.file.tensor(f"{name}_rescaled", sizes, "int8", scales=scales)
        self._scales[other] = scales
        self.file.operator("QUANTIZE", [number], other)
        return other


def _shapes(model: onnx.ModelProto) -> dict[str, tuple[int, ...]]:
    values: Sequence[Any] = (
        *model.graph.value_info,
        *model.graph.input,
        *model.graph.output,
    )
    return {v.name: tuple(d.dim_value for d in v.type.tensor_type.shape.dim) for v in values}
