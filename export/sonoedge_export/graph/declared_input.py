"""What an ONNX file says that it takes, compared with the recipe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import onnx
from onnx import TensorProto

from sonoedge.errors import InvalidNetwork
from sonoedge_export.recipe.network import Network

DTYPES: Final = {
    TensorProto.FLOAT: "float32",
    TensorProto.FLOAT16: "float16",
    TensorProto.UINT8: "uint8",
}
COLOURS: Final = (1, 3)

Layout = Literal["NCHW", "NHWC"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredInput:
    """The only input of an ONNX file.

    Attributes:
        dtype: "float32", "float16", or "uint8": grey levels as they are.
        layout: channels first, or last.
    """

    name: str
    dtype: str
    layout: Layout


def declared_input(
    model: onnx.ModelProto, network: Network, input_hw: tuple[int, int], file: str
) -> DeclaredInput:
    """The file's input, where the recipe's frames can be given to it.

    A size that is left open, by a name or not at all, is the recipe's; an open batch is 1.

    Args:
        input_hw: the recipe's (height, width).
        file: its name, for messages.

    Raises:
        InvalidNetwork: there are several, or its type, batch, size or channels are others than
            the recipe's; the message names the input and the key to set.
    """
    constants = {t.name for t in model.graph.initializer}
    inputs = [i for i in model.graph.input if i.name not in constants]
    if len(inputs) != 1:
        names = ", ".join(i.name for i in inputs) or "none"
        raise InvalidNetwork(f"{file} must have one input, the picture; it has {names}")
    (value,) = inputs
    kind = value.type.tensor_type
    what = f"input {value.name!r} of {file}"
    if kind.elem_type not in DTYPES:
        has = TensorProto.DataType.Name(kind.elem_type).lower()
        raise InvalidNetwork(f"{what} is {has}; {', '.join(DTYPES.values())} can be given")
    dims = [d.dim_value if d.HasField("dim_value") else None for d in kind.shape.dim]
    shape = [
        d.dim_param or "?" if n is None else n for d, n in zip(kind.shape.dim, dims, strict=True)
    ]
    what += f", {DTYPES[kind.elem_type]} {shape},"
    if len(dims) != 4:
        raise InvalidNetwork(f"{what} has {len(dims)} dimensions; a picture has 4")
    batch, *rest = dims
    if batch not in (None, 1):
        raise InvalidNetwork(f"{what} takes {batch} pictures at once; export it with batch 1")
    layout: Layout = "NHWC" if rest[0] not in COLOURS and rest[2] in COLOURS else "NCHW"
    channels, *size = rest if layout == "NCHW" else (rest[2], rest[0], rest[1])
    if channels not in (None, network.channels):
        advice = (
            f"set network.channels = {channels}" if channels in COLOURS else "1 or 3 can be given"
        )
        raise InvalidNetwork(
            f"{what} takes {channels} channels, network.channels is {network.channels}; {advice}"
        )
    for key, declared, wanted in zip(("height", "width"), size, input_hw, strict=True):
        if declared not in (None, wanted):
            raise InvalidNetwork(
                f"{what} has {key} {declared}, input.{key} is {wanted}; set input.{key} = "
                f"{declared}, or export the file for {wanted}"
            )
    if kind.elem_type == TensorProto.UINT8 and network.scaled:
        raise InvalidNetwork(
            f"{what} takes grey levels as they are and scales them itself; leave out network.mean "
            "and network.std"
        )
    return DeclaredInput(name=value.name, dtype=DTYPES[kind.elem_type], layout=layout)
