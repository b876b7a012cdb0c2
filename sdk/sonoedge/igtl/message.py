"""One message of OpenIGTLink: its header, and what a header of version 2 adds.

Everything that a peer sends is bounded before anything is allocated for it. A message that is
not as it must be is `StreamRefused`: a stream cannot be read on behind it.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sonoedge.errors import StreamRefused

HEADER: Final = struct.Struct(">H12s20sIIQQ")  # version, type, device, seconds, 1/2^32 s, body, CRC
MOST_BODY: Final = 64 << 20
_EXTENDED: Final = struct.Struct(">HHII")  # its own size, sizes of metadata, message id
_MOST_METADATA: Final = 64 << 10
_MOST_KEYS: Final = 64
_ENCODINGS: Final = {3: "ascii", 106: "utf-8"}  # numbers of IANA


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The 58 bytes before a body.

    Attributes:
        version: 1, or 2 (3 is read as 2) where the body has an extended header and metadata.
        type: such as "IMAGE".
        device: the sender's name for what it sends.
        stamp: the sender's clock in units of 1/2^32 s; 0 where it has none.
        body_bytes, crc: size of the body, and its checksum.
    """

    version: int
    type: str
    device: str
    stamp: int
    body_bytes: int
    crc: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message whose checksum is right.

    Attributes:
        header: what came before it.
        content: the body without what version 2 adds; valid until the next message is read.
        metadata: text by key, of version 2.
    """

    header: Header
    content: memoryview
    metadata: Mapping[str, str] = field(default_factory=dict)


def header_from(data: bytes | bytearray | memoryview) -> Header:
    """A header.

    Args:
        data: 58 bytes.

    Raises:
        StreamRefused: BAD_VERSION, BAD_NAME, BODY_TOO_LARGE.
    """
    version, kind, device, seconds, fraction, size, crc = HEADER.unpack(data)
    if version not in (1, 2, 3):
        raise StreamRefused("BAD_VERSION", f"its header is of version {version}; 1 to 3 are read")
    if size > MOST_BODY:
        raise StreamRefused("BODY_TOO_LARGE", f"it announces a body of {size} bytes")
    return Header(
        version=version,
        type=_name(kind),
        device=_name(device),
        stamp=seconds << 32 | fraction,
        body_bytes=size,
        crc=crc,
    )


def split(header: Header, body: memoryview) -> Message:
    """Content and metadata of a body.

    Raises:
        StreamRefused: BAD_EXTENDED_HEADER, BAD_METADATA.
    """
    if header.version == 1:
        return Message(header=header, content=body)
    if len(body) < _EXTENDED.size:
        raise StreamRefused("BAD_EXTENDED_HEADER", "its body is too short for version 2")
    size, index_bytes, data_bytes, _ = _EXTENDED.unpack_from(body)
    end = len(body) - index_bytes - data_bytes
    if size < _EXTENDED.size or size > end:
        raise StreamRefused("BAD_EXTENDED_HEADER", "its parts reach beyond its body")
    metadata = _metadata(body[end : end + index_bytes], body[end + index_bytes :])
    return Message(header=header, content=body[size:end], metadata=metadata)


def _metadata(index: memoryview, data: memoryview) -> Mapping[str, str]:
    if not index and not data:
        return {}
    if len(index) < 2 or len(data) > _MOST_METADATA:
        raise StreamRefused("BAD_METADATA", "its metadata are cut or too long")
    (count,) = struct.unpack_from(">H", index)
    if count > _MOST_KEYS or len(index) != 2 + 8 * count:
        raise StreamRefused("BAD_METADATA", f"it announces {count} keys of metadata")
    values, begin = {}, 0
    for key_bytes, encoding, value_bytes in struct.iter_unpack(">HHI", index[2:]):
        middle, end = begin + key_bytes, begin + key_bytes + value_bytes
        if end > len(data) or encoding not in _ENCODINGS:
            raise StreamRefused("BAD_METADATA", "a value reaches beyond them, or is no text")
        try:
            key = str(data[begin:middle], "ascii")
            values[key] = str(data[middle:end], _ENCODINGS[encoding])
        except UnicodeDecodeError:
            raise StreamRefused("BAD_METADATA", "a value is no text") from None
        begin = end
    return values


def _name(raw: bytes) -> str:
    try:
        name = raw.split(b"\0", 1)[0].decode("ascii")
    except UnicodeDecodeError:
        name = "\0"
    if not name.isprintable():
        raise StreamRefused("BAD_NAME", "a name in its header is no text")
    return name
