"""The pictures of a command, each read before a deadline."""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Callable, Generator
from typing import Final

import numpy as np
import numpy.typing as npt

from sonoedge.errors import RuntimeUnavailable, SourceError, StreamRefused
from sonoedge.sources.picture import Contents, Picture
from sonoedge.sources.pipe.command import PipeCommand
from sonoedge.sources.pipe.gstreamer import Raw
from sonoedge.sources.pipe.netpbm import LEAST_HEADER, Header, header_from
from sonoedge.sources.pipe.process import Running

_PICTURE_S: Final = 2.0  # a picture that has begun must be complete
_FIRST_S, _NEXT_S = 4.5, 0.75


def pipe(command: PipeCommand, *, clock_ns: Callable[[], int] = time.monotonic_ns) -> Contents:
    """The pictures of a command, which runs until it is closed.

    Raises:
        SourceError: it cannot be started. When read, it has ended, or StreamRefused: no picture
            came in time, or what came is none.
        RuntimeUnavailable: this program is no interpreter, and cannot tie its life to ours.
    """
    if getattr(sys, "frozen", False):
        raise RuntimeUnavailable("pipe: needs a second Python, which a frozen program lacks")
    running = Running(command)
    output = Output(running.output)

    def pictures() -> Generator[Picture, None, None]:
        wait_s = _FIRST_S
        while True:
            pixels = output.picture(command.raw, wait_s)
            if pixels is None:
                raise SourceError(running.ending())
            captured_ns, wait_s = clock_ns(), _NEXT_S
            running.forget()
            yield Picture(pixels=pixels, captured_ns=captured_ns)

    return Contents(
        name=running.name, pictures=pictures, count=None, times="live", close=running.close
    )


class Output:
    """What a command writes.

    Args:
        fd: a descriptor that can be read and waited for.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._poll = select.poll()
        self._poll.register(fd, select.POLLIN)

    def picture(self, raw: Raw | None, wait_s: float) -> npt.NDArray[np.uint8] | None:
        """The next picture, uint8, (H, W) grey or (H, W, 3) BGR; None where the output has ended.

        Args:
            raw: what it must be; None of PGM and PPM, which say it.
            wait_s: its first byte must come within so many seconds.

        Raises:
            StreamRefused: TIMEOUT, CLOSED_IN_MESSAGE, BAD_IMAGE, UNSUPPORTED_IMAGE.
        """
        form: Raw | Header | None = raw
        begin_s = time.monotonic()
        if form is None:
            form = self._header(begin_s + wait_s)
            if form is None:
                return None
            begin_s, wait_s = time.monotonic(), _PICTURE_S
        data = bytearray(form.picture_bytes)
        if not self._fill(memoryview(data), begin_s + wait_s, begun=raw is None):
            return None
        return form.pixels(data)

    def _header(self, until_s: float) -> Header | None:
        """The header alone; None where the output has ended before it."""
        head = bytearray(LEAST_HEADER)
        if not self._fill(memoryview(head), until_s):
            return None
        complete_s = time.monotonic() + _PICTURE_S
        while (header := header_from(head)) is None:
            byte = bytearray(1)  # no more: pixels may follow
            self._fill(memoryview(byte), complete_s, begun=True)
            head += byte
        return header

    def _fill(self, room: memoryview, until_s: float, *, begun: bool = False) -> bool:
        """Read so many bytes; False where the output has ended before the first."""
        while room:
            if not self._poll.poll(max(0.0, until_s - time.monotonic()) * 1e3):
                what = "a picture was not complete in time" if begun else "no picture came in time"
                raise StreamRefused("TIMEOUT", what)
            count = os.readv(self._fd, [room])
            if count == 0:
                if begun:
                    raise StreamRefused("CLOSED_IN_MESSAGE", "the command ended within a picture")
                return False
            if not begun:
                until_s, begun = time.monotonic() + _PICTURE_S, True
            room = room[count:]
        return True
