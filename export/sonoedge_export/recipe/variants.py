"""Every variant that an export can build, one row each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal, TypeAlias

from sonoedge.json_schema import Constraint

Dialect = Literal["float", "onnxruntime", "openvino", "litert", "tensorrt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One variant.

    Attributes:
        runtime, precision: see `sonoedge.runtime`.
        dialect: the graph that the engine gets: the float one, or the one that the
            quantizer named wrote.
        parents: float variants that it must be faster than to be of use.
        pruned: made from the pruned network.
    """

    runtime: str
    precision: str
    dialect: Dialect
    parents: tuple[str, ...]
    pruned: bool

    @property
    def on_device(self) -> bool:
        """Its engine is built on the device that runs it: here it is verified, not timed."""
        return self.dialect == "tensorrt"


VARIANTS: Final = {
    "onnxruntime-fp32": Row(
        runtime="onnxruntime", precision="fp32", dialect="float", parents=(), pruned=False
    ),
    "onnxruntime-int8": Row(
        runtime="onnxruntime",
        precision="int8",
        dialect="onnxruntime",
        parents=("onnxruntime-fp32",),
        pruned=False,
    ),
    "openvino-fp32": Row(
        runtime="openvino", precision="fp32", dialect="float", parents=(), pruned=False
    ),
    "openvino-bf16": Row(
        runtime="openvino",
        precision="bf16",
        dialect="float",
        parents=("openvino-fp32",),
        pruned=False,
    ),
    "openvino-int8": Row(
        runtime="openvino",
        precision="int8",
        dialect="openvino",
        parents=("openvino-fp32", "openvino-bf16"),
        pruned=False,
    ),
    "litert-fp32": Row(
        runtime="litert", precision="fp32", dialect="float", parents=(), pruned=False
    ),
    "litert-int8": Row(
        runtime="litert",
        precision="int8",
        dialect="litert",
        parents=("litert-fp32",),
        pruned=False,
    ),
    "tensorrt-fp16": Row(
        runtime="tensorrt", precision="fp16", dialect="tensorrt", parents=(), pruned=False
    ),
    "tensorrt-int8": Row(
        runtime="tensorrt", precision="int8", dialect="tensorrt", parents=(), pruned=False
    ),
    "pruned-onnxruntime-fp32": Row(
        runtime="onnxruntime",
        precision="fp32",
        dialect="float",
        parents=("onnxruntime-fp32",),
        pruned=True,
    ),
    "pruned-onnxruntime-int8": Row(
        runtime="onnxruntime",
        precision="int8",
        dialect="onnxruntime",
        parents=("onnxruntime-fp32", "pruned-onnxruntime-fp32"),
        pruned=True,
    ),
    "pruned-openvino-fp32": Row(
        runtime="openvino",
        precision="fp32",
        dialect="float",
        parents=("openvino-fp32",),
        pruned=True,
    ),
    "pruned-openvino-bf16": Row(
        runtime="openvino",
        precision="bf16",
        dialect="float",
        parents=("openvino-bf16", "pruned-openvino-fp32"),
        pruned=True,
    ),
    "pruned-openvino-int8": Row(
        runtime="openvino",
        precision="int8",
        dialect="openvino",
        parents=("openvino-fp32", "openvino-bf16", "pruned-openvino-fp32", "pruned-openvino-bf16"),
        pruned=True,
    ),
    "pruned-litert-fp32": Row(
        runtime="litert",
        precision="fp32",
        dialect="float",
        parents=("litert-fp32",),
        pruned=True,
    ),
    "pruned-litert-int8": Row(
        runtime="litert",
        precision="int8",
        dialect="litert",
        parents=("litert-fp32", "pruned-litert-fp32"),
        pruned=True,
    ),
    "pruned-tensorrt-fp16": Row(
        runtime="tensorrt", precision="fp16", dialect="tensorrt", parents=(), pruned=True
    ),
    "pruned-tensorrt-int8": Row(
        runtime="tensorrt", precision="int8", dialect="tensorrt", parents=(), pruned=True
    ),
}

VariantId: TypeAlias = Annotated[str, Constraint(enum=tuple(VARIANTS))]
