"""The overlay's colours and its text.

Colours are few and muted, so that the tissue stays the brightest thing in the
picture: amber asks for a look, teal-grey informs, brick red says that there is
no analysis. All colours are (blue, green, red), as OpenCV takes them.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

Picture: TypeAlias = npt.NDArray[np.uint8]
Colour: TypeAlias = tuple[int, int, int]

FLAGGED: Final[Colour] = (48, 176, 255)
NOT_FLAGGED: Final[Colour] = (186, 196, 128)
NOT_ANALYSED: Final[Colour] = (44, 56, 172)
EDGE: Final[Colour] = (12, 12, 12)
BAR: Final[Colour] = (30, 27, 26)
TEXT: Final[Colour] = (236, 236, 236)
QUIET: Final[Colour] = (165, 160, 156)

# A Hershey name is the one way to text that OpenCV 4 and 5 share: 4 draws its
# vector font, 5 a real typeface by the same call. Both know plain ASCII.
_FONT: Final = cv2.FONT_HERSHEY_SIMPLEX


def text_size(text: str, size: float, *, bold: bool = False) -> tuple[int, int]:
    """(width, height above the base line) in pixels; `size` is OpenCV's font scale."""
    (width, height), _ = cv2.getTextSize(text, _FONT, size, 2 if bold else 1)
    return int(width), int(height)


def put_text(
    picture: Picture,
    text: str,
    at: tuple[int, int],
    size: float,
    colour: Colour,
    *,
    bold: bool = False,
) -> None:
    """Write `text` into `picture` with its base line starting at `at`, (x, y)."""
    plain = text.encode("ascii", "replace").decode("ascii")
    cv2.putText(picture, plain, at, _FONT, size, colour, 2 if bold else 1, cv2.LINE_AA)


def fitted(text: str, size: float, width: int, *, bold: bool = False) -> str:
    """`text`, its end replaced by "..." where it is wider than `width` pixels."""
    if text_size(text, size, bold=bold)[0] <= width:
        return text
    while text and text_size(text + "...", size, bold=bold)[0] > width:
        text = text[:-1]
    return text + "..."
