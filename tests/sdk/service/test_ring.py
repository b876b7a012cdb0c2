from __future__ import annotations

import mmap
import os

import numpy as np
import pytest

from sonoedge.service.protocol import PAGE, PAGE_BYTES
from sonoedge.service.ring import Ring, StatusPage


def test_a_client_can_neither_cut_nor_lengthen_the_ring_nor_take_its_seals_off() -> None:
    with Ring(2, 4096) as ring:
        for size in (0, 4096, 16384):
            with pytest.raises(PermissionError):
                os.ftruncate(ring.fd, size)


def test_what_a_client_writes_is_seen_in_its_slot() -> None:
    with Ring(2, 4096) as ring, mmap.mmap(ring.fd, 8192) as writable:
        writable[4096 : 4096 + 12] = bytes(range(12))
        assert ring.pixels(1, (3, 4)).tolist() == np.arange(12).reshape(3, 4).tolist()
        assert ring.pixels(1, (2, 2, 3)).shape == (2, 2, 3)
        with pytest.raises(ValueError, match="read-only"):
            ring.pixels(0, (2, 2))[0, 0] = 1


@pytest.mark.parametrize(
    ("slot", "shape"), [(2, (1, 1)), (-1, (1, 1)), (0, (65, 64)), (0, (0, 4)), (1, (1 << 33, 8))]
)
def test_no_frame_lies_beyond_its_slot(slot: int, shape: tuple[int, ...]) -> None:
    with Ring(2, 4096) as ring, pytest.raises(ValueError, match="no such place"):
        ring.pixels(slot, shape)


def test_a_frame_outlives_the_ring_that_it_lies_in() -> None:
    ring = Ring(1, 4096)
    pixels = ring.pixels(0, (8, 8))
    ring.close()
    ring.close()
    assert pixels.sum() == 0


@pytest.mark.req("R66")
def test_the_page_is_read_by_everybody_and_written_by_the_service_alone() -> None:
    page = StatusPage()
    with mmap.mmap(page.fd, PAGE_BYTES, prot=mmap.PROT_READ) as mapped:
        page.write("valid_until_ns", -5)
        page.write("taken", 1 << 40)
        words = memoryview(mapped).cast("q")
        assert [words[PAGE[name][0] // 8] for name in ("valid_until_ns", "taken")] == [-5, 1 << 40]
        words.release()
    with pytest.raises(PermissionError):
        mmap.mmap(page.fd, PAGE_BYTES)
    with pytest.raises(PermissionError):
        os.pwrite(page.fd, b"12345678", 0)
    with pytest.raises(PermissionError):
        os.ftruncate(page.fd, 0)
    page.close()
    page.close()


def test_each_word_of_the_page_is_aligned() -> None:
    assert all(offset % 8 == 0 and offset < PAGE_BYTES for offset, _ in PAGE.values())
    assert len({offset for offset, _ in PAGE.values()}) == len(PAGE)
