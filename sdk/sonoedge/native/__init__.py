"""The frame path in C, where it is built: guard, input, regions and tracks, by ctypes.

`make native` compiles `sdk/c/core/frame`, the code of `libsonoedge`, into a file beside this one.
It gives Python's answers to the last bit; `sonoedge.processing` and `sonoedge.guard` are the
reference, and what runs without it. Nothing here is imported where no such file is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_name("frame_path.so")
