"""Messages of a graph, encoded by hand: no package writes what is wrong on purpose."""

from __future__ import annotations

# By their fields' numbers in onnx.proto, from the outermost: where a tensor can lie.
PLACES = {
    "an initializer": (7, 5),
    "a sparse initializer": (7, 15, 1),
    "a node's attribute": (7, 1, 5, 5),
    "a sparse attribute": (7, 1, 5, 22, 1),
    "a sub-graph": (7, 1, 5, 6, 5),
    "a function": (25, 7, 5, 5),
    "a training graph": (20, 2, 5),
}
_LOCATION, _NAME, _EXTERNAL_DATA = 1, 2, 13


def external_tensor(place: str) -> bytes:
    """To be put behind a graph: a tensor at this place whose data lie in the file w.bin."""
    content = _field(_EXTERNAL_DATA, _field(_LOCATION, b"location") + _field(_NAME, b"w.bin"))
    for number in reversed(PLACES[place]):
        content = _field(number, content)
    return content


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])
