"""The walk over an ONNX graph that refuses external data, held against ONNX's own parser.

What the walk lets pass must hold no external tensor in ONNX's eyes either: otherwise an engine
would open a file that no digest covers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import onnx
from google.protobuf.message import DecodeError

from fuzz.entry_point import EntryPoint
from fuzz.seeds import TINY, corpus
from sonoedge.bundle.inline_data import check_inline


def _tensors(message: Any) -> Iterator[onnx.TensorProto]:
    """Every tensor within a message, by what the message itself says it holds."""
    if isinstance(message, onnx.TensorProto):
        yield message
    for field, value in message.ListFields():
        if field.message_type is not None:
            for inner in value if hasattr(value, "append") else [value]:
                yield from _tensors(inner)


def attack(data: bytes) -> None:
    check_inline(data, "graph.onnx")
    try:
        model = onnx.ModelProto.FromString(data)
    except (DecodeError, ValueError):
        return
    for tensor in _tensors(model):
        assert not tensor.external_data
        assert tensor.data_location != onnx.TensorProto.EXTERNAL


POINT = EntryPoint(
    attack=attack,
    seeds=(*corpus("onnx-walk"), (TINY / "graphs" / "fp32.onnx").read_bytes()),
    engines=("bytes", "coverage"),
    suffix=".onnx",
)
