"""A LiteRT model while it is written: tensors, operators, and in the end a flatbuffer.

The schema is the one that the ai-edge-litert package carries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sonoedge.errors import MissingDependency
from sonoedge.install import install_command

TYPES: Final = {
    "float32": "FLOAT32",
    "int8": "INT8",
    "uint8": "UINT8",
    "int32": "INT32",
    "bool": "BOOL",
}
SIGNATURE: Final = "serving_default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scales:
    """How integers stand for numbers: scale x (integer - zero).

    Attributes:
        scale, zero: one each, or one per channel.
        axis: of the channels.
    """

    scale: tuple[float, ...]
    zero: tuple[int, ...]
    axis: int = 0


class ModelFile:
    """One graph of static shapes. Tensors are named by number, in the order of their making.

    Raises:
        MissingDependency: ai-edge-litert is not installed.
    """

    def __init__(self) -> None:
        self.schema = _schema()
        self._tensors: list[Any] = []
        self._operators: list[Any] = []
        # By definition the first buffer is empty: that of tensors that are computed.
        self._buffers: list[Any] = [self.schema.BufferT()]
        self._codes: dict[str, int] = {}
        self.shapes: list[tuple[int, ...]] = []

    def tensor(
        self,
        name: str,
        shape: Sequence[int],
        dtype: str,
        *,
        scales: Scales | None = None,
        data: npt.NDArray[Any] | None = None,
    ) -> int:
        """Add a tensor, a constant where it has data; returns its number."""
        tensor = self.schema.TensorT()
        tensor.name = name.encode()
        tensor.shape = np.asarray(shape, dtype=np.int32)
        tensor.type = getattr(self.schema.TensorType, TYPES[dtype])
        tensor.hasRank = True
        if scales is not None:
            quantization = self.schema.QuantizationParametersT()
            quantization.scale = np.asarray(scales.scale, dtype=np.float32)
            quantization.zeroPoint = np.asarray(scales.zero, dtype=np.int64)
            quantization.quantizedDimension = scales.axis
            tensor.quantization = quantization
        tensor.buffer = 0 if data is None else self._buffer(data)
        self._tensors.append(tensor)
        self.shapes.append(tuple(shape))
        return len(self._tensors) - 1

    def operator(
        self,
        code: str,
        inputs: Sequence[int],
        output: int,
        options: str | None = None,
        **settings: Any,
    ) -> None:
        """Add an operator.

        Args:
            code: its name in the schema, such as "CONV_2D".
            inputs: numbers of tensors.
            options: the name of its options in the schema, such as "Conv2DOptions".
            settings: the options' fields.
        """
        operator = self.schema.OperatorT()
        operator.opcodeIndex = self._codes.setdefault(code, len(self._codes))
        operator.inputs = np.asarray(inputs, dtype=np.int32)
        operator.outputs = np.asarray([output], dtype=np.int32)
        if options is not None:
            operator.builtinOptionsType = getattr(self.schema.BuiltinOptions, options)
            operator.builtinOptions = getattr(self.schema, f"{options}T")(**settings)
        self._operators.append(operator)

    def to_bytes(self, inputs: Mapping[str, int], outputs: Mapping[str, int]) -> bytes:
        """The file's bytes, the same for the same model; inputs and outputs by name."""
        import flatbuffers

        graph = self.schema.SubGraphT()
        graph.name = b"sonoedge"
        graph.tensors, graph.operators = self._tensors, self._needed(outputs.values())
        graph.inputs = np.asarray(list(inputs.values()), dtype=np.int32)
        graph.outputs = np.asarray(list(outputs.values()), dtype=np.int32)
        signature = self.schema.SignatureDefT()
        signature.signatureKey, signature.subgraphIndex = SIGNATURE.encode(), 0
        signature.inputs, signature.outputs = self._maps(inputs), self._maps(outputs)
        model = self.schema.ModelT()
        model.version, model.description = 3, b"sonoedge"
        model.operatorCodes = [self._code(name) for name in self._codes]
        model.subgraphs, model.buffers = [graph], self._buffers
        model.signatureDefs = [signature]
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
        return bytes(builder.Output())

    def _needed(self, outputs: Iterable[int]) -> list[Any]:
        """The operators that the outputs hang on: the engine would run the others too."""
        wanted, needed = set(outputs), []
        for operator in reversed(self._operators):
            if wanted.intersection(operator.outputs.tolist()):
                wanted.update(operator.inputs.tolist())
                needed.append(operator)
        return needed[::-1]

    def _buffer(self, data: npt.NDArray[Any]) -> int:
        buffer = self.schema.BufferT()
        buffer.data = np.frombuffer(np.ascontiguousarray(data).tobytes(), dtype=np.uint8)
        self._buffers.append(buffer)
        return len(self._buffers) - 1

    def _code(self, name: str) -> Any:
        code = self.schema.OperatorCodeT()
        code.builtinCode = getattr(self.schema.BuiltinOperator, name)
        code.deprecatedBuiltinCode = min(code.builtinCode, 127)  # what readers of old schemas see
        code.version = VERSIONS.get(name, 1)
        return code

    def _maps(self, tensors: Mapping[str, int]) -> list[Any]:
        maps = []
        for name, number in tensors.items():
            entry = self.schema.TensorMapT()
            entry.name, entry.tensorIndex = name.encode(), number
            maps.append(entry)
        return maps


# The versions of operators that take int8, or what else we write of them.
VERSIONS: Final = {
    **dict.fromkeys(("ADD", "CONCATENATION", "DEQUANTIZE", "MAX_POOL_2D", "MUL", "PAD"), 2),
    **dict.fromkeys(("QUANTIZE", "RESIZE_NEAREST_NEIGHBOR", "SUB", "TRANSPOSE"), 2),
    **dict.fromkeys(("CONV_2D", "DEPTHWISE_CONV_2D"), 3),
    "FULLY_CONNECTED": 4,
    "RESIZE_BILINEAR": 3,
    "DEPTH_TO_SPACE": 2,
}


def _schema() -> Any:
    try:
        from ai_edge_litert import schema_py_generated
    except ModuleNotFoundError as error:
        if error.name != "ai_edge_litert":
            raise
        raise MissingDependency(
            f"LiteRT is not installed; run: {install_command('litert')}"
        ) from error
    return schema_py_generated
