"""How session and worker talk: JSON with a block of bytes behind it, never pickle."""

from __future__ import annotations

import functools
import json
import struct
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

HEAD: Final = struct.Struct("<II")
LIMIT: Final = 64 << 20
Message = tuple[Mapping[str, Any], bytes]


def pack(header: Mapping[str, Any], block: bytes = b"") -> bytes:
    """One message.

    Raises:
        TypeError, ValueError: the header holds what JSON cannot.
    """
    return pack_text(_ENCODE(header).encode(), block)


def pack_text(text: bytes, block: bytes) -> bytes:
    """One message whose header is JSON already."""
    return HEAD.pack(len(text), len(block)) + text + block


class Unpacker:
    """Puts messages together from the pieces that a socket gives."""

    def __init__(self) -> None:
        self._pieces = bytearray()

    def feed(self, piece: bytes) -> list[Message]:
        """The messages that are whole with this piece.

        Raises:
            ValueError: these are no messages.
        """
        if not self._pieces and len(piece) >= HEAD.size:
            text, block = HEAD.unpack_from(piece)
            if len(piece) == HEAD.size + text + block:  # nearly always: one message, whole
                return [_message(piece, text)]
        self._pieces += piece
        messages = []
        while len(self._pieces) >= HEAD.size:
            text, block = HEAD.unpack_from(self._pieces)
            end = HEAD.size + text + block
            if end > LIMIT:
                raise ValueError("a message is too long")
            if len(self._pieces) < end:
                break
            messages.append(_message(bytes(self._pieces[:end]), text))
            del self._pieces[:end]
        return messages


def _message(data: bytes, text: int) -> Message:
    end = HEAD.size + text
    if not text:
        return {}, data[end:]
    block = data[end:]
    return (_repeated_header if block else _DECODE)(data[HEAD.size : end].decode()), block


def values(header: Mapping[str, Any]) -> dict[str, Any]:
    """A header's values, its lists as tuples."""
    return {name: tuple(v) if isinstance(v, list) else v for name, v in header.items()}


def _number(value: object) -> int | float | bool:
    if isinstance(value, np.generic):
        plain: int | float | bool = value.item()
        return plain
    raise TypeError(f"{type(value).__name__} cannot cross to the engine")


# `json.dumps` with settings of one's own makes an encoder for each call.
_ENCODE: Final = json.JSONEncoder(separators=(",", ":"), default=_number).encode
_DECODE: Final = json.JSONDecoder().decode


@functools.lru_cache(maxsize=64)
def _repeated_header(text: str) -> Mapping[str, Any]:
    """A header with a block behind it: it says what the block's numbers are, and repeats."""
    header: Mapping[str, Any] = _DECODE(text)
    return header
