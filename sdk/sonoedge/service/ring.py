"""Memory that a client writes frames into, and a page that it reads without a system call.

The service makes both, so that a client can neither lie about their size nor take memory away
under the service's feet: the ring is sealed against shrinking and growing, the page against
being written by anybody else as well.
"""

from __future__ import annotations

import fcntl
import math
import mmap
import os
from typing import Final

import numpy as np
import numpy.typing as npt

from sonoedge.closing import Closing
from sonoedge.descriptors import above_standard
from sonoedge.service.protocol import PAGE, PAGE_BYTES, SLOT_BYTES, SLOTS

# Not in every Python's fcntl.
F_ADD_SEALS: Final = 1033
SEAL_SEALS, SEAL_SHRINK, SEAL_GROW, SEAL_FUTURE_WRITE = 0x1, 0x2, 0x4, 0x10


class Ring(Closing):
    """Slots for frames; the service can only read them.

    Attributes:
        fd: the memory's descriptor, to be handed to the client.
    """

    def __init__(self, slots: int = SLOTS, slot_bytes: int = SLOT_BYTES) -> None:
        self._slots, self._slot_bytes = slots, slot_bytes
        self.fd = _sealed("sonoedge-ring", slots * slot_bytes)
        try:
            self._map = mmap.mmap(self.fd, slots * slot_bytes, prot=mmap.PROT_READ)
            fcntl.fcntl(self.fd, F_ADD_SEALS, SEAL_SEALS | SEAL_SHRINK | SEAL_GROW)
        except BaseException:
            os.close(self.fd)
            raise

    def pixels(self, slot: int, shape: tuple[int, ...]) -> npt.NDArray[np.uint8]:
        """A frame as it lies in its slot, uint8; the client may change it at any moment.

        Raises:
            ValueError: it does not fit into the slot, or there is no such slot.
        """
        count = math.prod(shape)
        if not (0 <= slot < self._slots and 0 < count <= self._slot_bytes):
            raise ValueError("no such place in the ring")
        flat = np.frombuffer(self._map, np.uint8, count, slot * self._slot_bytes)
        return flat.reshape(shape)

    def close(self) -> None:
        """Let go of the memory; it goes when nothing refers to a frame in it any more."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
            del self._map


class StatusPage(Closing):
    """Words of 64 bits, each written whole; no two of them belong together.

    Attributes:
        fd: the memory's descriptor; whoever gets it can map it for reading alone.
    """

    def __init__(self) -> None:
        self.fd = _sealed("sonoedge-page", PAGE_BYTES)
        try:
            self._map = mmap.mmap(self.fd, PAGE_BYTES)
            seals = SEAL_SEALS | SEAL_SHRINK | SEAL_GROW | SEAL_FUTURE_WRITE
            fcntl.fcntl(self.fd, F_ADD_SEALS, seals)
        except BaseException:
            os.close(self.fd)
            raise
        # Native words through a memoryview are stored at once, never byte by byte.
        self._bytes = memoryview(self._map)
        self._words = self._bytes.cast("q")

    def write(self, word: str, value: int) -> None:
        """Write one of `PAGE`'s words."""
        self._words[PAGE[word][0] // 8] = value

    def close(self) -> None:
        """Give the memory back."""
        if self.fd >= 0:
            self._words.release()
            self._bytes.release()
            self._map.close()
            os.close(self.fd)
            self.fd = -1


def _sealed(name: str, size: int) -> int:
    fd = above_standard(os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING))
    try:
        os.ftruncate(fd, size)
    except BaseException:
        os.close(fd)
        raise
    return fd
