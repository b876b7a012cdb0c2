"""Shared memory without a name: a frame's pixels cross to the worker in it."""

from __future__ import annotations

import fcntl
import mmap
import os
from typing import Final

import numpy as np
import numpy.typing as npt

SIZE: Final = 256 << 20  # the largest frame; pages are taken only as frames fill them

# Not in every Python's fcntl: no shrinking, no growing, no mapping for writing from now on.
F_ADD_SEALS: Final = 1033
SEALS: Final = 0x0002 | 0x0004 | 0x0010


class FrameMemory:
    """Room for one frame. The worker can map it for reading alone.

    It has no name in any file system; a descriptor is handed to the worker, and the
    memory goes with the last process that holds one.
    """

    def __init__(self, size: int = SIZE) -> None:
        self.fd = os.memfd_create("sonoedge-frame", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.fd, size)
        self._map = mmap.mmap(self.fd, size)
        fcntl.fcntl(self.fd, F_ADD_SEALS, SEALS)
        self._bytes: npt.NDArray[np.uint8] | None = np.frombuffer(self._map, dtype=np.uint8)

    def put(self, pixels: npt.NDArray[np.uint8]) -> None:
        """Copy a frame's pixels to the beginning.

        Raises:
            ValueError: the frame is larger than the memory, or the memory is closed.
        """
        if self._bytes is None or pixels.size > self._bytes.size:
            raise ValueError(f"a frame of {pixels.size} bytes does not fit")
        np.copyto(self._bytes[: pixels.size].reshape(pixels.shape), pixels)

    def close(self) -> None:
        """Let the memory go; closing twice is harmless."""
        if self._bytes is not None:
            self._bytes = None
            self._map.close()
            os.close(self.fd)


def map_for_reading(fd: int) -> npt.NDArray[np.uint8]:
    """The worker's side: a read-only array over the memory."""
    size = os.fstat(fd).st_size
    return np.frombuffer(mmap.mmap(fd, size, prot=mmap.PROT_READ), dtype=np.uint8)
