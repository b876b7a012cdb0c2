"""sources/child/memory.py"""

from __future__ import annotations

import os
from collections.abc import Generator

import numpy as np
import pytest

from sonoedge.sources.child.memory import SLOT_BYTES, SLOTS, Slots, make_memory


@pytest.fixture
def fd() -> Generator[int, None, None]:
    fd = make_memory()
    yield fd
    os.close(fd)


def test_each_slot_holds_its_picture(fd: int) -> None:
    writer, reader = Slots(fd, writable=True), Slots(fd, writable=False)
    pictures = [np.full((4, 6, 3), 10 + slot, dtype=np.uint8) for slot in range(SLOTS)]
    for slot, picture in enumerate(pictures):
        writer.put(slot, picture)
    for slot, picture in enumerate(pictures):
        assert np.array_equal(reader.take(slot, (4, 6, 3)), picture)


def test_what_was_taken_does_not_change_with_the_slot(fd: int) -> None:
    writer, reader = Slots(fd, writable=True), Slots(fd, writable=False)
    writer.put(0, np.full((4, 6), 1, dtype=np.uint8))
    taken = reader.take(0, (4, 6))
    writer.put(0, np.full((4, 6), 2, dtype=np.uint8))
    assert (taken == 1).all()
    taken[:] = 3  # it belongs to whoever took it


def test_the_host_cannot_write_and_nobody_can_shrink_it(fd: int) -> None:
    with pytest.raises((ValueError, TypeError)):
        Slots(fd, writable=False).put(0, np.zeros((2, 2), dtype=np.uint8))
    with pytest.raises(PermissionError):
        os.ftruncate(fd, 1)


def test_a_picture_larger_than_a_slot_is_refused(fd: int) -> None:
    large = np.broadcast_to(np.zeros(1, dtype=np.uint8), (SLOT_BYTES + 1, 1))
    with pytest.raises(ValueError, match="does not fit"):
        Slots(fd, writable=True).put(0, large)
