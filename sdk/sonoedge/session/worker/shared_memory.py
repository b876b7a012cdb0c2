"""Shared memory without a name: a frame's pixels cross to the worker in it."""

from __future__ import annotations

import contextlib
import fcntl
import math
import mmap
import os
import threading
import weakref
from typing import Final

import numpy as np
import numpy.typing as npt

SIZE: Final = 256 << 20  # the largest frame; pages are taken only as frames fill them
ROOM: Final = 256 << 20  # for frames that wait

# Not in every Python's fcntl: no shrinking, no growing, no mapping for writing from now on.
F_ADD_SEALS: Final = 1033
SEALS: Final = 0x0002 | 0x0004 | 0x0010

Pixels = npt.NDArray[np.uint8]


class FrameMemory:
    """Room for one frame, and for arrays of frames that wait. The worker can only read it.

    It has no name in any file system; a descriptor is handed to the worker, and the
    memory goes with the last process that holds one.
    """

    def __init__(self, size: int = SIZE, room: int = ROOM) -> None:
        self.fd = os.memfd_create("sonoedge-frame", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.fd, size + room)
        self._map = mmap.mmap(self.fd, size + room)
        fcntl.fcntl(self.fd, F_ADD_SEALS, SEALS)
        self._bytes: Pixels | None = np.frombuffer(self._map, dtype=np.uint8, count=size)
        self._begin = _address(self._bytes)
        self._end = self._begin + size + room
        self._next, self._limit = size, size + room
        self._free: dict[int, list[int]] = {}
        self._lock = threading.RLock()  # an array may be collected while another is made

    def empty(self, shape: tuple[int, ...]) -> Pixels:
        """An array that need not be copied to cross; an ordinary one when the room is full.

        Its place is free again when nothing refers to it.
        """
        count = math.prod(shape)
        size = -(-count // mmap.PAGESIZE) * mmap.PAGESIZE
        with self._lock:
            free = self._free.setdefault(size, [])
            if free:
                at = free.pop()
            elif self._bytes is None or self._next + size > self._limit:
                return np.empty(shape, dtype=np.uint8)
            else:
                at, self._next = self._next, self._next + size
        flat = np.frombuffer(self._map, dtype=np.uint8, count=count, offset=at)
        weakref.finalize(flat, free.append, at).atexit = False
        return flat.reshape(shape)

    def put(self, pixels: Pixels) -> int:
        """Where a frame's pixels lie in the memory; from elsewhere they are copied to 0.

        Raises:
            ValueError: the frame is larger than the memory, or the memory is closed.
        """
        if self._bytes is None or pixels.size > self._bytes.size:
            raise ValueError(f"a frame of {pixels.size} bytes does not fit")
        at = _address(pixels)
        if self._begin <= at < self._end and pixels.flags.c_contiguous:
            return at - self._begin
        np.copyto(self._bytes[: pixels.size].reshape(pixels.shape), pixels)
        return 0

    def close(self) -> None:
        """Let the memory go, with the last array in it; closing twice is harmless."""
        if self._bytes is not None:
            self._bytes = None
            with contextlib.suppress(BufferError):
                self._map.close()
            os.close(self.fd)


def map_for_reading(fd: int) -> Pixels:
    """The worker's side: a read-only array over the memory."""
    size = os.fstat(fd).st_size
    return np.frombuffer(mmap.mmap(fd, size, prot=mmap.PROT_READ), dtype=np.uint8)


def _address(pixels: Pixels) -> int:
    address: int = pixels.__array_interface__["data"][0]
    return address
