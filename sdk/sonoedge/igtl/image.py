"""IMAGE: one picture of 8 bits; whatever else the type can hold is refused by name."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from sonoedge.errors import StreamRefused
from sonoedge.igtl.message import Message
from sonoedge.sources.live_bounds import sides_are_credible, spacing_is_credible

# version, components, scalar type, endian, coordinates, size i j k, matrix, sub-volume
IMAGE: Final = struct.Struct(">HBBBBHHH12f6H")
UINT8: Final = 3
_SCALARS: Final = {2: "int8", 4: "int16", 5: "uint16", 6: "int32", 7: "uint32", 10: "float32"}
_COORDINATES: Final = (1, 2)  # RAS, LPS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Image:
    """A picture as it was sent.

    Attributes:
        pixels: uint8, (H, W) grey or (H, W, 3) BGR; a copy.
        spacing_mm: (rows, columns); None where the sender does not know. 1 x 1 is what senders
            write that do not.
    """

    pixels: npt.NDArray[np.uint8]
    spacing_mm: tuple[float, float] | None


def image_from(message: Message) -> Image:
    """The picture of a message of type IMAGE.

    Raises:
        StreamRefused: BAD_IMAGE, or UNSUPPORTED_IMAGE with what it holds.
    """
    content = message.content
    if len(content) < IMAGE.size:
        raise StreamRefused("BAD_IMAGE", f"it has {len(content)} bytes, less than its header")
    _, components, scalar, endian, coordinates, *rest = IMAGE.unpack_from(content)
    (width, height, depth), matrix, part = rest[:3], rest[3:15], rest[15:]
    if scalar != UINT8:
        kind = _SCALARS.get(scalar, f"scalar type {scalar}")
        raise StreamRefused("UNSUPPORTED_IMAGE", f"its values are {kind}; uint8 is read")
    if components not in (1, 3, 4):
        raise StreamRefused("UNSUPPORTED_IMAGE", f"it has {components} components per pixel")
    if endian not in (1, 2) or coordinates not in _COORDINATES:
        raise StreamRefused("BAD_IMAGE", "its byte order or its coordinates are unknown")
    if depth != 1:
        raise StreamRefused("UNSUPPORTED_IMAGE", f"it has {depth} slices; one picture is read")
    if not sides_are_credible(width, height):
        raise StreamRefused("BAD_IMAGE", f"its size is {width} x {height}")
    if part != [0, 0, 0, width, height, 1]:
        raise StreamRefused("UNSUPPORTED_IMAGE", "it is a part of a picture")
    if not all(map(math.isfinite, matrix)):
        raise StreamRefused("BAD_IMAGE", "its matrix is not finite")
    if len(content) != IMAGE.size + width * height * components:
        raise StreamRefused("BAD_IMAGE", f"it has {len(content)} bytes, not those of its size")
    flat = np.frombuffer(content, np.uint8, offset=IMAGE.size)
    return Image(pixels=_pixels(flat, height, width, components), spacing_mm=_spacing(matrix))


def _pixels(
    flat: npt.NDArray[np.uint8], height: int, width: int, components: int
) -> npt.NDArray[np.uint8]:
    if components == 1:
        return np.array(flat.reshape(height, width))
    # RGB or RGBA on the wire.
    colours: npt.NDArray[np.uint8] = flat.reshape(height, width, components)
    return np.array(colours[..., 2::-1], order="C")


def _spacing(matrix: list[float]) -> tuple[float, float] | None:
    columns, rows = math.hypot(*matrix[0:3]), math.hypot(*matrix[3:6])
    unknown = math.isclose(columns, 1.0, rel_tol=1e-6) and math.isclose(rows, 1.0, rel_tol=1e-6)
    if unknown or not spacing_is_credible(rows, columns):
        return None
    return rows, columns
