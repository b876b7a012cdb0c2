"""A command as people write it, and what it is to write."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import Final

from sonoedge.errors import InvalidSettings
from sonoedge.sources.live_bounds import sides_are_credible
from sonoedge.sources.pipe import gstreamer
from sonoedge.sources.pipe.gstreamer import CHANNELS, Raw

_PREFIX: Final = re.compile(r"([A-Z0-9]+),(\d{1,5})x(\d{1,5}):")
_FORM: Final = (
    "give pipe:gst-launch-1.0 ... ! video/x-raw,format=GRAY8,width=W,height=H ! fdsink (formats: "
    "GRAY8, BGR), or pipe:COMMAND of a command that writes PGM or PPM, as ffmpeg does with "
    "-f image2pipe -c:v pgm -"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PipeCommand:
    """A command, and what it writes.

    Attributes:
        words: the program and its arguments.
        raw: the pictures that a GStreamer pipeline must give; None of another program, which
            writes PGM or PPM.
    """

    words: tuple[str, ...]
    raw: Raw | None = None

    def words_for(self, fd: int) -> tuple[str, ...]:
        """The words to run: a pipeline is told what to give, and to write it to `fd`."""
        return self.words if self.raw is None else gstreamer.demanding(self.words, self.raw, fd)


def command_from(spec: str) -> PipeCommand:
    """A command as people write it.

    Raises:
        InvalidSettings: it is none; or of a GStreamer pipeline it is not known what it gives.
    """
    text = spec.removeprefix("pipe:")
    prefix = _PREFIX.match(text)
    text = text[prefix.end() :] if prefix else text
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise InvalidSettings(f"the command of pipe: cannot be read ({error})") from None
    if not words:
        raise InvalidSettings(f"pipe: names no command; {_FORM}")
    if not gstreamer.is_pipeline(words):
        if prefix:
            raise InvalidSettings(
                "pipe: takes raw pictures of gst-launch alone: of another program nothing tells "
                "whether they have the size that you give. Let it write PGM or PPM, without "
                "GRAY8,WxH: before it; ffmpeg does with -f image2pipe -c:v pgm -"
            )
        return PipeCommand(words=words)
    name, sides = (prefix[1], prefix.groups()[1:]) if prefix else gstreamer.last_caps(text)
    width, height = (int(side) if re.fullmatch(r"\d{1,5}", side) else 0 for side in sides)
    if name not in CHANNELS:
        raise InvalidSettings(f"pipe: gives {name or 'an unknown format'}; {_FORM}")
    if not sides_are_credible(width, height):
        raise InvalidSettings(f"pipe: gives pictures of {width} x {height}; {_FORM}")
    raw = Raw(format=name, width=width, height=height)
    gstreamer.demanding(words, raw, 1)  # refused now, if it cannot be
    return PipeCommand(words=words, raw=raw)
