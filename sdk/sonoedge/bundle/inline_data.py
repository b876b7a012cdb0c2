"""No graph may take its weights from a file that has no digest.

An ONNX graph can name other files that hold its tensors ("external data", TensorProto's fields
`external_data` and `data_location` in onnx.proto). ONNX Runtime and OpenVINO open such files,
relative to the working directory, even where the graph itself is handed to them as bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sonoedge.errors import UnsafeContent

# By message, the fields (onnx.proto) that hold messages in which a tensor can lie.
_BELOW: Final[Mapping[str, Mapping[int, str]]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse tensor"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {
        5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse tensor", 23: "sparse tensor"
    },
    "sparse tensor": {1: "tensor", 2: "tensor"},
}  # fmt: skip
_EXTERNAL_DATA: Final = 13
_DATA_LOCATION: Final = 14
_GRAPH: Final = 7
_MOST_LEVELS: Final = 64
_MOST_FIELDS: Final = 4_000_000


def check_inline(model: bytes, name: str) -> None:
    """Refuse an ONNX graph that takes a tensor from another file, in whatever part of it.

    The walk over the encoded message (protobuf.dev, "Encoding") needs no onnx package: it
    skips what cannot hold a tensor, copies nothing, and its depth and length are bounded.

    Args:
        model: the graph's bytes.
        name: its file, for messages.

    Raises:
        UnsafeContent: a tensor's data are external, or these bytes are no ONNX graph.
    """
    walk = _Walk(model, name)
    walk.message(0, len(model), "model", 0)
    if not walk.has_graph:
        raise UnsafeContent(f"{name} is not an ONNX graph; export the bundle again")


class _Walk:
    def __init__(self, data: bytes, name: str) -> None:
        self._data = data
        self._name = name
        self._fields = 0
        self.has_graph = False

    def message(self, at: int, end: int, kind: str, level: int) -> None:
        """Walk over the fields of one message, which lies from `at` to `end`."""
        if level > _MOST_LEVELS:
            raise self._broken("is nested too deep")
        below = _BELOW.get(kind, {})
        while at < end:
            tag, at = self._varint(at, end)
            field, wire = tag >> 3, tag & 7
            self._fields += 1
            # Parsers keep 32 bits of a tag: a longer one would name another field to them.
            if field == 0 or tag >> 32 or self._fields > _MOST_FIELDS:
                raise self._broken("is not encoded as a graph")
            if wire == 0:
                value, at = self._varint(at, end)
                if kind == "tensor" and field == _DATA_LOCATION and value:
                    raise self._external()
            elif wire == 1:
                at += 8
            elif wire == 5:
                at += 4
            elif wire == 2:
                size, at = self._varint(at, end)
                if size > end - at:
                    raise self._broken("is cut off")
                if kind == "tensor" and field == _EXTERNAL_DATA:
                    raise self._external()
                if field in below:
                    self.has_graph |= kind == "model" and field == _GRAPH
                    self.message(at, at + size, below[field], level + 1)
                at += size
            else:  # groups, which no version of ONNX has
                raise self._broken("is not encoded as a graph")
        if at != end:
            raise self._broken("is cut off")

    def _varint(self, at: int, end: int) -> tuple[int, int]:
        value = shift = 0
        while at < end and shift < 70:
            byte = self._data[at]
            at += 1
            value |= (byte & 127) << shift
            if not byte & 128:
                return value, at
            shift += 7
        raise self._broken("is cut off")

    def _broken(self, what: str) -> UnsafeContent:
        return UnsafeContent(f"{self._name} is not an ONNX graph: it {what}; export it again")

    def _external(self) -> UnsafeContent:
        return UnsafeContent(
            f"{self._name} takes weights from another file (external data), which no digest "
            "covers; save the graph as one file: onnx.save(model, path, save_as_external_data="
            "False)"
        )
