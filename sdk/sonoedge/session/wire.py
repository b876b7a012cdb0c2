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
        self._pieces += piece
        whole = []
        while len(self._pieces) >= HEAD.size:
            text, block = HEAD.unpack_from(self._pieces)
            end = HEAD.size + text + block
            if end > LIMIT:
                raise ValueError("a message is too long")
            if len(self._pieces) < end:
                break
            header = _DECODE(self._pieces[HEAD.size : HEAD.size + text].decode())
            whole.append((header, bytes(self._pieces[HEAD.size + text : end])))
            del self._pieces[:end]
        return whole


def frame_to(frame: Frame, stream: str) -> dict[str, Any]:
    """A frame without its pixels."""
    return {
        "do": "frame",
        "stream": stream,
        "shape": frame.pixels.shape,
        "captured_ns": frame.captured_ns,
        "spacing_mm": frame.spacing_mm,
        "roi_px": frame.roi_px,
        "meta": None if frame.meta == _NO_META else dataclasses.asdict(frame.meta),
    }


def frame_from(header: Mapping[str, Any], memory: np.ndarray[Any, np.dtype[np.uint8]]) -> Frame:
    """The frame, over the shared pixels."""
    shape = tuple(header["shape"])
    size = int(np.prod(shape))
    return Frame(
        pixels=memory[:size].reshape(shape),
        captured_ns=header["captured_ns"],
        spacing_mm=_tuples(header["spacing_mm"]),
        roi_px=_tuples(header["roi_px"]),
        meta=_NO_META if header["meta"] is None else FrameMeta(**_values(header["meta"])),
    )


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
