"""Shared memory in which pictures cross from a reader's process to the host."""

from __future__ import annotations

import fcntl
import mmap
import os
from typing import Final

import numpy as np
import numpy.typing as npt

from sonoedge.sources.picture import MOST_PIXELS

# Two, so that the next picture is decoded while the host works on the one before.
SLOTS: Final = 2
SLOT_BYTES: Final = 3 * MOST_PIXELS  # pages are taken only as pictures fill them

# Not in every Python's fcntl. Sealed: a process that shrank it would make the host's reads fault.
_F_ADD_SEALS: Final = 1033
_SEAL, _SHRINK, _GROW = 0x0001, 0x0002, 0x0004

Pixels = npt.NDArray[np.uint8]


def make_memory() -> int:
    """A descriptor of memory without a name; it goes with the last process that holds it."""
    fd = os.memfd_create("sonoedge-pictures", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(fd, SLOTS * SLOT_BYTES)
    fcntl.fcntl(fd, _F_ADD_SEALS, _SEAL | _SHRINK | _GROW)
    return fd


class Slots:
    """The memory as seen by one process: room for `SLOTS` pictures."""

    def __init__(self, fd: int, *, writable: bool) -> None:
        protection = mmap.PROT_READ | (mmap.PROT_WRITE if writable else 0)
        self._bytes: Pixels = np.frombuffer(
            mmap.mmap(fd, SLOTS * SLOT_BYTES, prot=protection), dtype=np.uint8
        )

    def put(self, slot: int, pixels: Pixels) -> None:
        """Copy a picture into a slot.

        Raises:
            ValueError: it is larger than a slot.
        """
        if pixels.size > SLOT_BYTES:
            raise ValueError(f"a picture of {pixels.size} bytes does not fit")
        np.copyto(self._view(slot, pixels.shape), pixels)

    def take(self, slot: int, shape: tuple[int, ...]) -> Pixels:
        """A copy of the picture in a slot: the other process cannot change it any more."""
        return np.array(self._view(slot, shape))

    def _view(self, slot: int, shape: tuple[int, ...]) -> Pixels:
        begin = slot * SLOT_BYTES
        return self._bytes[begin : begin + int(np.prod(shape))].reshape(shape)
