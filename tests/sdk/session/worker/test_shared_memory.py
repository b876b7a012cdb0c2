from __future__ import annotations

import mmap
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from sonoedge_bench.reliability.drive import speckle

if not hasattr(os, "memfd_create"):
    pytest.skip("shared memory without a name needs Linux", allow_module_level=True)

from sonoedge.session.worker.shared_memory import FrameMemory, map_for_reading


def test_what_is_put_is_seen_on_the_other_side() -> None:
    memory = FrameMemory(1 << 20)
    seen = map_for_reading(memory.fd)
    for number in range(3):
        pixels = speckle(number)[::-1, ::2]
        assert memory.put(pixels) == 0
        assert np.array_equal(seen[: pixels.size].reshape(pixels.shape), pixels)
    memory.close()


def test_the_other_side_cannot_write_resize_or_unseal() -> None:
    memory = FrameMemory(1 << 20)
    assert not map_for_reading(memory.fd).flags.writeable
    with pytest.raises(PermissionError):
        mmap.mmap(memory.fd, 1 << 20, prot=mmap.PROT_READ | mmap.PROT_WRITE)
    for size in (1, 1 << 21):
        with pytest.raises(PermissionError):
            os.ftruncate(memory.fd, size)
    with pytest.raises(PermissionError):
        os.write(memory.fd, b"x")
    memory.close()


def test_it_has_no_name_in_any_file_system() -> None:
    before = set(Path("/dev/shm").iterdir()) if Path("/dev/shm").is_dir() else set()
    memory = FrameMemory(1 << 20)
    assert str(Path(f"/proc/self/fd/{memory.fd}").readlink()).endswith("(deleted)")
    assert os.fstat(memory.fd).st_nlink == 0
    after = set(Path("/dev/shm").iterdir()) if Path("/dev/shm").is_dir() else set()
    assert {p for p in after - before if "sonoedge" in p.name} == set()
    memory.close()


def test_a_frame_that_does_not_fit_is_refused_and_so_is_one_after_closing() -> None:
    memory = FrameMemory(1 << 12)
    with pytest.raises(ValueError, match="does not fit"):
        memory.put(speckle(1))
    memory.close()
    memory.close()
    with pytest.raises(ValueError):
        memory.put(speckle(1, height=2, width=2))


def test_room_for_the_largest_frame_costs_no_memory_until_it_is_filled() -> None:
    memory = FrameMemory()
    memory.put(speckle(1))
    assert os.fstat(memory.fd).st_blocks * 512 < 1 << 20
    assert sys.getsizeof(memory) < 1000
    memory.close()


def test_an_array_of_its_own_crosses_without_a_copy() -> None:
    memory = FrameMemory(1 << 20, 1 << 20)
    seen = map_for_reading(memory.fd)
    first, second = (memory.empty((120, 160)) for _ in range(2))
    first[:], second[:] = speckle(1), speckle(2)
    for mine in (first, second):
        at = memory.put(mine)
        assert at >= 1 << 20
        assert np.array_equal(seen[at : at + mine.size].reshape(mine.shape), mine)
    assert memory.put(first) != memory.put(second)
    assert memory.put(first[::2]) == 0  # a part of it that is not whole rows is copied
    memory.close()


def test_the_place_of_an_array_is_used_again_only_when_nothing_refers_to_it() -> None:
    memory = FrameMemory(1 << 20, 1 << 20)
    first = memory.empty((100, 100))
    at = memory.put(first)
    part = first[10:]
    del first
    assert memory.put(memory.empty((100, 100))) != at
    del part
    again = [memory.put(memory.empty((100, 100))) for _ in range(3)]
    assert at in again
    memory.close()


def test_without_room_arrays_are_ordinary_and_cross_all_the_same() -> None:
    memory = FrameMemory(1 << 20, 1 << 16)
    kept = [memory.empty((120, 160)) for _ in range(8)]
    assert {memory.put(pixels) > 0 for pixels in kept} == {True, False}
    kept[-1][:] = speckle(3)
    assert memory.put(kept[-1]) == 0
    assert np.array_equal(map_for_reading(memory.fd)[: 120 * 160].reshape(120, 160), speckle(3))
    memory.close()


def test_an_array_outlives_the_memory() -> None:
    memory = FrameMemory(1 << 20, 1 << 20)
    mine = memory.empty((120, 160))
    memory.close()
    mine[:] = 7
    assert int(mine.sum()) == 7 * 120 * 160
    assert memory.empty((120, 160)).shape == (120, 160)


def test_frames_whose_size_keeps_changing_do_not_fill_the_memory() -> None:
    from sonoedge.session.mailbox import Buffers

    memory = FrameMemory(size=1 << 20, room=64 << 20)
    buffers = Buffers(memory.empty)
    try:
        for number in range(400):
            pixels = np.zeros((400 + number, 600), dtype=np.uint8)
            buffers.give_back(buffers.copy(pixels))
        largest = 800 * 600
        assert memory.touched < 20 * largest  # 400 of them were 144 MB
    finally:
        memory.close()
