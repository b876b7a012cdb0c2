"""A frame's way to the worker: its numbers in a message, its pixels in the shared memory."""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from sonoedge.frames import NO_META, Frame, FrameMeta
from sonoedge.session.worker.wire import pack, pack_text, values

# where the pixels lie; captured_ns; height, width, depth; spacing: there, rows, columns;
# region: there, four edges; pixel aspect, 0 where unknown
FRAME: Final = struct.Struct("<QqIIIBddBqqqqd")


def frame_to(frame: Frame, stream: str, offset: int = 0) -> bytes:
    """A frame without its pixels, as one message: numbers in a block, quick to pack.

    Args:
        offset: where in the shared memory the pixels lie.

    Raises:
        TypeError, ValueError: a value is not of the kind that a frame's must be.
    """
    pixels, meta = frame.pixels, frame.meta
    shape = pixels.shape if pixels.ndim == 3 else (*pixels.shape, 0)
    spacing, roi = frame.spacing_mm, frame.roi_px
    try:
        block = FRAME.pack(
            offset,
            frame.captured_ns,
            *shape,
            *((1, *spacing) if spacing is not None else (0, 0.0, 0.0)),
            *((1, *roi) if roi is not None else (0, 0, 0, 0, 0)),
            frame.pixel_aspect or 0.0,
        )
    except struct.error as error:
        raise ValueError(f"a frame's value cannot cross to the engine: {error}") from error
    if meta is NO_META or meta == NO_META:
        return pack_text(b"", block + stream.encode())
    return pack({"stream": stream, "meta": dataclasses.asdict(meta)}, block)


def frame_from(
    header: Mapping[str, Any], block: bytes, memory: np.ndarray[Any, np.dtype[np.uint8]]
) -> tuple[Frame, str]:
    """The frame, over the shared pixels, and its stream."""
    offset, captured_ns, height, width, depth, has_spacing, *tail = FRAME.unpack_from(block)
    rows, columns, has_roi, *roi, aspect = tail
    shape = (height, width, depth) if depth else (height, width)
    frame = Frame(
        pixels=memory[offset : offset + height * width * (depth or 1)].reshape(shape),
        captured_ns=captured_ns,
        spacing_mm=(rows, columns) if has_spacing else None,
        pixel_aspect=aspect or None,
        roi_px=(roi[0], roi[1], roi[2], roi[3]) if has_roi else None,
        meta=FrameMeta(**values(header["meta"])) if header else NO_META,
    )
    return frame, header["stream"] if header else block[FRAME.size :].decode()
