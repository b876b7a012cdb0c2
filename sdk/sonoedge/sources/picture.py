"""What a reader gives: pictures on the source's own time line, before any clock.

A reader is a function that looks at a file or device and returns its `Contents`;
`Source` alone turns pictures into frames, so stamping and pacing are in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from sonoedge.frames import NO_META, FrameMeta

Times = Literal["none", "own", "live"]

# The most pixels of one picture (8192 x 8192), and the most pictures of one file. Files that
# claim more are refused before anything is allocated for them.
MOST_PIXELS: Final = 1 << 26
MOST_PICTURES: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """One picture as it was read.

    Attributes:
        pixels: uint8, (H, W) grey or (H, W, 3) BGR; nobody else holds or writes them.
        time_s: seconds on the source's own time line, finite; None where it has none.
        captured_ns: monotonic clock at capture, where the device knows it.
        stamped: that is the device's own stamp, which moves on while it lives.
        spacing_mm: (rows, columns) millimetres per pixel, or None.
        pixel_aspect: width of a pixel divided by its height, where the source says it
            without a spacing, as video does; None where it does not.
        roi_px: (x0, y0, x1, y1) where the ultrasound lies within the pixels, or None.
        meta: what the source says of the picture.
    """

    pixels: npt.NDArray[np.uint8]
    time_s: float | None = None
    captured_ns: int | None = None
    stamped: bool = False
    spacing_mm: tuple[float, float] | None = None
    pixel_aspect: float | None = None
    roi_px: tuple[int, int, int, int] | None = None
    meta: FrameMeta = NO_META


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contents:
    """What a reader learned when it opened a source.

    Attributes:
        name: what to call it, without its folder.
        pictures: begins to read; what it opened is let go when the generator is closed.
        count: pictures to expect; None where nobody knows.
        fps: pictures per second; None where nobody knows.
        times: "own" where each picture has a `time_s`, "live" where the device sets
            the pace, "none" otherwise.
        scanner: maker and model of the scanner, as the file says; None where it does not.
        month: when it was recorded, "2026-03"; None where the file does not say.
        study: what all files of one examination share, and no others: a digest, 16
            hexadecimal digits; None where the file names none.
        unreadable: what was wrong with each file that could not be read, where reading
            goes on nevertheless; grows while it is read.
        close: lets go of what stays open between readings, such as a camera.
    """

    name: str
    pictures: Callable[[], Generator[Picture, None, None]]
    count: int | None
    fps: float | None = None
    times: Times = "none"
    scanner: str | None = None
    month: str | None = None
    study: str | None = None
    unreadable: list[str] = field(default_factory=list)
    close: Callable[[], None] = lambda: None
