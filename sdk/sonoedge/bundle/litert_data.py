"""No LiteRT file may name code or weights that lie outside of it.

A .tflite file is a flatbuffer (flatbuffers.dev, "FlatBuffer Internals"; the schema is LiteRT's
schema.fbs). Its model can name custom operators, whose code an application would bring, and
buffers in other files. Neither is written by an export.
"""

from __future__ import annotations

import struct
from typing import Final

from sonoedge.errors import UnsafeContent

_IDENTIFIER: Final = b"TFL3"
# Fields of the tables that are looked at, by their numbers in the schema.
_OPERATOR_CODES: Final = 1
_SUBGRAPHS: Final = 2
_BUFFERS: Final = 4
_EXTERNAL: Final = (8, 9)  # groups of external buffers, and the buffers
_DEPRECATED_CODE: Final = 0
_CUSTOM_CODE: Final = 1
_BUILTIN_CODE: Final = 3
_BUFFER_OFFSET: Final = (1, 2)  # data behind the flatbuffer, and their size
_CUSTOM: Final = 32
_MOST_ENTRIES: Final = 100_000


def check_litert(model: bytes, name: str) -> None:
    """Refuse a LiteRT file with custom operators, or with weights outside of its flatbuffer.

    Args:
        model: the file's bytes.
        name: its path, for messages.

    Raises:
        UnsafeContent: it has such, or these bytes are no LiteRT file.
    """
    file = _Flatbuffer(model)
    try:
        if model[4:8] != _IDENTIFIER:
            raise _Broken
        root = file.pointed(0)
        if file.field(root, _SUBGRAPHS) is None:
            raise _Broken
        external = any(file.field(root, number) is not None for number in _EXTERNAL) or any(
            file.field(buffer, number) is not None
            for buffer in file.tables(root, _BUFFERS)
            for number in _BUFFER_OFFSET
        )
        custom = any(_is_custom(file, code) for code in file.tables(root, _OPERATOR_CODES))
    except (_Broken, struct.error):
        raise UnsafeContent(f"{name} is not a LiteRT file; export the bundle again") from None
    if external:
        raise UnsafeContent(f"{name} takes weights from outside of itself; export the bundle again")
    if custom:
        raise UnsafeContent(f"{name} has operators that need code of others; export it again")


class _Broken(Exception):
    """A place that is not within the file."""


class _Flatbuffer:
    """As much of a flatbuffer as is looked at; every place is checked before it is read."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def number(self, form: str, at: int) -> int:
        """The number at a place."""
        if at < 0:
            raise _Broken
        value: int = struct.unpack_from(form, self._data, at)[0]
        return value

    def pointed(self, at: int) -> int:
        """Where an offset at this place leads."""
        return at + self.number("<I", at)

    def field(self, table: int, number: int) -> int | None:
        """The place of a table's field; None where it is left out."""
        directory = table - self.number("<i", table)
        if 4 + 2 * number >= self.number("<H", directory):
            return None
        offset = self.number("<H", directory + 4 + 2 * number)
        return table + offset if offset else None

    def tables(self, table: int, number: int) -> list[int]:
        """The places of the tables that a table's field lists."""
        at = self.field(table, number)
        if at is None:
            return []
        start = self.pointed(at)
        count = self.number("<I", start)
        if count > _MOST_ENTRIES:
            raise _Broken
        return [self.pointed(start + 4 + 4 * n) for n in range(count)]


def _is_custom(file: _Flatbuffer, code: int) -> bool:
    """Old files give an operator's code in one byte, new ones in four as well."""
    if file.field(code, _CUSTOM_CODE) is not None:
        return True
    short, long = file.field(code, _DEPRECATED_CODE), file.field(code, _BUILTIN_CODE)
    codes = (
        0 if short is None else file.number("<b", short),
        0 if long is None else file.number("<i", long),
    )
    return _CUSTOM in codes
