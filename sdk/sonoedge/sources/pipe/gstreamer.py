"""GStreamer pipelines: what they must give is made a part of them.

Caps that a person writes may stand anywhere, or be those of another branch; those put before the
sink are what the pipeline negotiates, or it ends with an error. Pictures get a descriptor of
their own: gst-launch and drivers' elements print to standard output as well, and a picture that
begins a line of text later is skewed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from sonoedge.errors import InvalidSettings

CHANNELS: Final = {"GRAY8": 1, "BGR": 3}
_SINK: Final = "fdsink"


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """The raw pictures of a pipeline.

    Attributes:
        format: "GRAY8" or "BGR".
        width, height: pixels.
    """

    format: str
    width: int
    height: int

    def __str__(self) -> str:
        return f"pictures of {self.format}, {self.width} x {self.height}"

    @property
    def row_bytes(self) -> int:
        """From one row to the next: GStreamer pads rows to 4 bytes."""
        return -(-self.width * CHANNELS[self.format] // 4) * 4

    @property
    def picture_bytes(self) -> int:
        """Of one picture."""
        return self.height * self.row_bytes

    def pixels(self, data: bytearray) -> npt.NDArray[np.uint8]:
        """uint8, (H, W) grey or (H, W, 3) BGR, of one picture's bytes; a copy."""
        channels = CHANNELS[self.format]
        rows = np.frombuffer(data, np.uint8).reshape(self.height, self.row_bytes)
        packed = np.array(rows[:, : self.width * channels])
        return packed if channels == 1 else packed.reshape(self.height, self.width, channels)


def is_pipeline(words: tuple[str, ...]) -> bool:
    """Whether one of the words is gst-launch; another program, such as nice, may start it."""
    return _launcher(words) is not None


def last_caps(text: str) -> tuple[str, tuple[str, ...]]:
    """Format, width and height of the last raw caps, "" where they do not say."""
    caps = re.findall(r"video/x-raw(?:\([^)]*\))?([^!]*)", text)
    value = r"(format|width|height)\s*=\s*(?:\([a-z]+\))?\s*(\w+)"
    values = dict(re.findall(value, caps[-1] if caps else ""))
    return values.get("format", ""), tuple(values.get(side, "") for side in ("width", "height"))


def demanding(words: tuple[str, ...], raw: Raw, fd: int) -> tuple[str, ...]:
    """The words of a pipeline that gives such pictures or ends, and writes them to `fd`.

    `videoconvert` passes pictures of the right format on as they are. It takes nothing but
    pictures whose size GStreamer knows: bytes from a file or a socket are not called pictures.

    Raises:
        InvalidSettings: the pipeline does not end with its one sink.
    """
    launcher = _launcher(words)
    ends = [n for n, word in enumerate(words) if word == "!"]
    last = ends[-1] if ends else len(words)
    options = words[last + 2 :]
    if (
        launcher is None
        or words[last + 1 : last + 2] != (_SINK,)
        or words.count(_SINK) != 1
        or not all("=" in option for option in options)
    ):
        raise InvalidSettings(
            "the pipeline of pipe: must end with ! fdsink, and have no other one; write the "
            "branch that is to be analysed last"
        )
    caps = f"video/x-raw,format={raw.format},width={raw.width},height={raw.height}"
    kept = tuple(option for option in options if not option.startswith("fd="))
    return (*words[: last + 1], "videoconvert", "!", caps, "!", _SINK, f"fd={fd}", *kept)


def _launcher(words: tuple[str, ...]) -> int | None:
    for number, word in enumerate(words):
        if re.fullmatch(r"(.*/)?gst-launch(-\d+\.\d+)?", word):
            return number
    return None
