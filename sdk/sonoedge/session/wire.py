"""How session and worker talk: JSON with a block of bytes behind it, never pickle."""

from __future__ import annotations

import dataclasses
import json
import struct
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from sonoedge.analysis import Analysed, Analysis, NotAnalysed, Origin, Reason, Region
from sonoedge.frames import Frame, FrameMeta

HEAD: Final = struct.Struct("<II")
LIMIT: Final = 64 << 20
# captured_ns; height, width, depth; spacing: there, rows, columns; region: there, four edges
FRAME: Final = struct.Struct("<qIIIBddBqqqq")
Message = tuple[dict[str, Any], bytes]

_NO_META: Final = FrameMeta()
_ANALYSED: Final = tuple(
    f.name for f in dataclasses.fields(Analysed) if f.name not in ("origin", "regions")
)
_NOT_ANALYSED: Final = tuple(f.name for f in dataclasses.fields(NotAnalysed) if f.name != "origin")
_REGION: Final = tuple(f.name for f in dataclasses.fields(Region) if f.name != "contour_px")


def pack(header: Mapping[str, Any], block: bytes = b"") -> bytes:
    """One message.

    Raises:
        TypeError, ValueError: the header holds what JSON cannot.
    """
    text = _ENCODE(header).encode()
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
        whole = []
        while len(self._pieces) >= HEAD.size:
            text, block = HEAD.unpack_from(self._pieces)
            end = HEAD.size + text + block
            if end > LIMIT:
                raise ValueError("a message is too long")
            if len(self._pieces) < end:
                break
            whole.append(_message(bytes(self._pieces[:end]), text))
            del self._pieces[:end]
        return whole


def _message(data: bytes, text: int) -> Message:
    end = HEAD.size + text
    header = _DECODE(data[HEAD.size : end].decode()) if text else {}
    return header, data[end:]


def frame_to(frame: Frame, stream: str) -> bytes:
    """A frame without its pixels, as one message: numbers in a block, quick to pack.

    Raises:
        TypeError, ValueError: a value is not of the kind that a frame's must be.
    """
    pixels, meta = frame.pixels, frame.meta
    shape = pixels.shape if pixels.ndim == 3 else (*pixels.shape, 0)
    spacing, roi = frame.spacing_mm, frame.roi_px
    try:
        block = FRAME.pack(
            frame.captured_ns,
            *shape,
            *((1, *spacing) if spacing is not None else (0, 0.0, 0.0)),
            *((1, *roi) if roi is not None else (0, 0, 0, 0, 0)),
        )
    except struct.error as error:
        raise ValueError(f"a frame's value cannot cross to the engine: {error}") from error
    if meta is _NO_META or meta == _NO_META:
        said = stream.encode()
        return HEAD.pack(0, FRAME.size + len(said)) + block + said
    return pack({"stream": stream, "meta": dataclasses.asdict(meta)}, block)


def frame_from(
    header: Mapping[str, Any], block: bytes, memory: np.ndarray[Any, np.dtype[np.uint8]]
) -> tuple[Frame, str]:
    """The frame, over the shared pixels, and its stream."""
    captured_ns, height, width, depth, spaced, *rest = FRAME.unpack_from(block)
    rows, columns, cut, *roi = rest
    shape = (height, width, depth) if depth else (height, width)
    frame = Frame(
        pixels=memory[: height * width * (depth or 1)].reshape(shape),
        captured_ns=captured_ns,
        spacing_mm=(rows, columns) if spaced else None,
        roi_px=(roi[0], roi[1], roi[2], roi[3]) if cut else None,
        meta=FrameMeta(**_values(header["meta"])) if header else _NO_META,
    )
    return frame, header["stream"] if header else block[FRAME.size :].decode()


def analysis_to(analysis: Analysis) -> tuple[dict[str, Any], bytes]:
    """An analysis as a header, and its contours as a block. The origin stays behind."""
    if isinstance(analysis, NotAnalysed):
        return {"is": "not_analysed"} | {n: getattr(analysis, n) for n in _NOT_ANALYSED}, b""
    header = {"is": "analysed"} | {n: getattr(analysis, n) for n in _ANALYSED}
    header["regions"] = [
        {"points": len(r.contour_px)} | {n: getattr(r, n) for n in _REGION}
        for r in analysis.regions
    ]
    return header, b"".join(r.contour_px.astype("<i4").tobytes() for r in analysis.regions)


def analysis_from(header: dict[str, Any], block: bytes, origin: Origin) -> Analysis:
    """The analysis again.

    Raises:
        ValueError, TypeError, KeyError: this is none.
    """
    values = _values(header)
    if values.pop("is") == "not_analysed":
        values["reasons"] = tuple(Reason(r) for r in values["reasons"])
        return NotAnalysed(origin=origin, **values)
    points = np.frombuffer(block, dtype="<i4").reshape(-1, 2).astype(np.int32)
    regions, at = [], 0
    for said in values.pop("regions"):
        region = _values(said)
        end = at + region.pop("points")
        regions.append(Region(contour_px=points[at:end], **region))
        at = end
    return Analysed(origin=origin, regions=tuple(regions), **values)


def _values(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _tuples(value) for name, value in said.items()}


def _tuples(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _number(value: object) -> int | float | bool:
    if isinstance(value, np.generic):
        plain: int | float | bool = value.item()
        return plain
    raise TypeError(f"{type(value).__name__} cannot cross to the engine")


# `json.dumps` with settings of one's own makes an encoder for each call.
_ENCODE: Final = json.JSONEncoder(separators=(",", ":"), default=_number).encode
_DECODE: Final = json.JSONDecoder().decode
