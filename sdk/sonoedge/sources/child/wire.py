"""What a reader's process tells the host: one JSON text per message, checked when it comes.

The process may have been taken over by the file that it reads. Nothing that it says is
trusted: types, ranges and sizes are checked, and pixels are copied before they are used.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, Final

from sonoedge import errors
from sonoedge.errors import SonoedgeError, SourceError
from sonoedge.frames import NO_META, FrameMeta
from sonoedge.sources.child.memory import SLOT_BYTES, SLOTS
from sonoedge.sources.picture import MOST_PICTURES, Contents, Picture

LONGEST: Final = 1 << 16  # bytes of one message
_LONGEST_TEXT: Final = 2000
_LONGEST_META: Final = 256
_SIDE: Final = 1 << 26
_TEXTS: Final = ("scanner", "month", "study")
_OPENED: Final = ("count", "fps", "times", *_TEXTS)

_ENCODE: Final = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
# What a reader may raise. Anything else that it claims is a SourceError.
_ERRORS: Final = {
    cls.token: cls
    for cls in (
        *(errors.SourceError, errors.MissingDependency, errors.InvalidData),
        *(errors.InvalidSettings, errors.RuntimeUnavailable),
    )
}


def pack(message: Mapping[str, Any]) -> bytes:
    """One message.

    Raises:
        TypeError, ValueError: it holds what JSON cannot, or is too long.
    """
    data = _ENCODE(message).encode()
    if len(data) > LONGEST:
        raise ValueError("a message is too long")
    return data


def unpack(data: bytes) -> Mapping[str, Any]:
    """One message, read.

    Raises:
        ValueError: it is none.
    """
    try:
        message = json.loads(data)
    except RecursionError:
        raise ValueError("a message is nested too deeply") from None
    if not isinstance(message, dict):
        raise ValueError("a message is no object")
    return message


def opened_to(contents: Contents) -> bytes:
    """What a reader learned when it opened a file."""
    message = {"is": "opened"} | {name: getattr(contents, name) for name in _OPENED}
    for name in _TEXTS:
        if message[name] is not None:
            message[name] = message[name][:_LONGEST_META]
    return pack(message)


def opened_from(message: Mapping[str, Any]) -> dict[str, Any]:
    """What `Contents` is told of a file: count, fps, times, scanner, month, study.

    Raises:
        ValueError: they are out of range.
    """
    if message.get("is") != "opened":
        raise ValueError("it is neither opened nor failed")
    count, fps, times = message.get("count"), message.get("fps"), message.get("times")
    if count is not None and not (_whole(count) and 0 <= count <= MOST_PICTURES):
        raise ValueError("count is out of range")
    if fps is not None and not (_number(fps) and fps > 0):
        raise ValueError("fps is out of range")
    if times not in ("none", "own", "live"):
        raise ValueError("times is unknown")
    for name in _TEXTS:
        text = message.get(name)
        if not (text is None or (isinstance(text, str) and len(text) <= _LONGEST_META)):
            raise ValueError(f"{name} is no short text")
    return {name: message.get(name) for name in _OPENED}


def picture_to(picture: Picture, slot: int) -> bytes:
    """A picture without its pixels, which lie in a slot."""
    message: dict[str, Any] = {"is": "picture", "slot": slot, "shape": picture.pixels.shape}
    for name in ("time_s", "captured_ns", "spacing_mm", "pixel_aspect", "roi_px"):
        value = getattr(picture, name)
        if value is not None:
            message[name] = value
    if picture.stamped:
        message["stamped"] = True
    if picture.meta is not NO_META:
        message["meta"] = {
            name: value[:_LONGEST_META] if isinstance(value, str) else value
            for name, value in asdict(picture.meta).items()
        }
    return pack(message)


def place_from(message: Mapping[str, Any]) -> tuple[int, tuple[int, ...]]:
    """The slot and the shape of a picture's pixels.

    Raises:
        ValueError: they are out of range.
    """
    if message.get("is") != "picture":
        raise ValueError("it is no picture")
    slot, shape = message.get("slot"), message.get("shape")
    if not isinstance(slot, int) or not 0 <= slot < SLOTS:
        raise ValueError("slot is out of range")
    if not isinstance(shape, list) or len(shape) not in (2, 3) or not all(map(_whole, shape)):
        raise ValueError("shape is no shape")
    if not all(1 <= side <= _SIDE for side in shape) or shape[2:] not in ([], [3]):
        raise ValueError("shape is out of range")
    if math.prod(shape) > SLOT_BYTES:
        raise ValueError("a picture does not fit")
    return slot, tuple(shape)


def picture_from(message: Mapping[str, Any], pixels: Any) -> Picture:
    """The picture again, with the pixels that were copied from its slot.

    Raises:
        ValueError: a value is of the wrong type or out of range.
    """
    time_s, captured_ns = message.get("time_s"), message.get("captured_ns")
    aspect = message.get("pixel_aspect")
    if not (time_s is None or _number(time_s)):
        raise ValueError("time_s is no number")
    if not (captured_ns is None or (_whole(captured_ns) and abs(captured_ns) < 1 << 62)):
        raise ValueError("captured_ns is out of range")
    if not (aspect is None or (_number(aspect) and aspect > 0)):
        raise ValueError("pixel_aspect is out of range")
    spacing = _numbers(message.get("spacing_mm"), 2, "spacing_mm")
    roi = _numbers(message.get("roi_px"), 4, "roi_px")
    if roi is not None and not all(_whole(edge) and abs(edge) < 1 << 31 for edge in roi):
        raise ValueError("roi_px is out of range")
    return Picture(
        pixels=pixels,
        time_s=time_s,
        captured_ns=captured_ns,
        stamped=message.get("stamped") is True,
        spacing_mm=None if spacing is None else (float(spacing[0]), float(spacing[1])),
        pixel_aspect=aspect,
        roi_px=None if roi is None else (roi[0], roi[1], roi[2], roi[3]),
        meta=_meta(message.get("meta")),
    )


def failed_to(error: SonoedgeError) -> bytes:
    """An error of ours: its token and its message."""
    return pack({"is": "failed", "token": error.token, "message": str(error)[:_LONGEST_TEXT]})


def failed_from(message: Mapping[str, Any]) -> SonoedgeError:
    """The error again.

    Raises:
        ValueError: it is none.
    """
    token, text = message.get("token"), message.get("message")
    if not isinstance(token, str) or not isinstance(text, str):
        raise ValueError("an error without a message")
    return _ERRORS.get(token, SourceError)(text[:_LONGEST_TEXT])


def _meta(values: Any) -> FrameMeta:
    if values is None:
        return NO_META
    known = {field.name for field in fields(FrameMeta)}
    if not isinstance(values, dict) or not values.keys() <= known:
        raise ValueError("meta has unknown names")
    for name, value in values.items():
        right = isinstance(value, bool) if name == "frozen" else _meta_value(name, value)
        if not right:
            raise ValueError(f"meta.{name} is of the wrong type")
    return FrameMeta(**values)


def _meta_value(name: str, value: Any) -> bool:
    if value is None:
        return True
    if name.endswith(("_mm", "_db")):
        return _number(value)
    return isinstance(value, str) and len(value) <= _LONGEST_META


def _numbers(value: Any, count: int, name: str) -> list[Any] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != count or not all(map(_number, value)):
        raise ValueError(f"{name} is not {count} numbers")
    return value


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False
