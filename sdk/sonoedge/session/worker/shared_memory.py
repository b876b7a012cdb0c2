"""Shared memory without a name: a frame's pixels cross to the worker in it."""

from __future__ import annotations

import contextlib
import fcntl
import math
import mmap
import os
import threading
import weakref
from collections import deque
from typing import Final

import numpy as np
import numpy.typing as npt

from sonoedge.descriptors import above_standard
from sonoedge.session.worker.extents import Extents

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
        self.fd = above_standard(
            os.memfd_create("sonoedge-frame", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        )
        os.ftruncate(self.fd, size + room)
        self._size = size
        self._map = mmap.mmap(self.fd, size + room)
        fcntl.fcntl(self.fd, F_ADD_SEALS, SEALS)
        self._bytes: Pixels | None = np.frombuffer(self._map, dtype=np.uint8, count=size)
        self._begin = _address(self._bytes)
        self._end = self._begin + size + room
        self._extents = Extents(size, size + room)
        # An array may be collected at any moment, even while another is made: its place waits
        # here until it is wanted.
        self._returned: deque[tuple[int, int]] = deque()
        self._lock = threading.Lock()

    def empty(self, shape: tuple[int, ...]) -> Pixels:
        """An array that need not be copied to cross; an ordinary one when the room is full.

        Its place is free again when nothing refers to it.
        """
        count = math.prod(shape)
        size = -(-count // mmap.PAGESIZE) * mmap.PAGESIZE
        with self._lock:
            while self._returned:
                self._extents.give_back(*self._returned.popleft())
            offset = None if self._bytes is None else self._extents.take(size)
        if offset is None:
            return np.empty(shape, dtype=np.uint8)
        flat = np.frombuffer(self._map, dtype=np.uint8, count=count, offset=offset)
        weakref.finalize(flat, self._returned.append, (offset, size)).atexit = False
        return flat.reshape(shape)

    @property
    def touched(self) -> int:
        """Bytes that arrays of waiting frames have ever lain in, in this process."""
        with self._lock:
            return self._extents.touched - self._size

    def put(self, pixels: Pixels) -> int:
        """Where a frame's pixels lie in the memory; from elsewhere they are copied to 0.

        Raises:
            ValueError: the frame is larger than the memory, or the memory is closed.
        """
        if self._bytes is None or pixels.size > self._bytes.size:
            raise ValueError(f"a frame of {pixels.size} bytes does not fit")
        offset = self.offset(pixels)
        if offset is not None:
            return offset
        np.copyto(self._bytes[: pixels.size].reshape(pixels.shape), pixels)
        return 0

    def offset(self, pixels: Pixels) -> int | None:
        """Where pixels lie in the memory; None where they lie elsewhere."""
        address = _address(pixels)
        inside = self._begin <= address < self._end and pixels.flags.c_contiguous
        return address - self._begin if inside else None

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
