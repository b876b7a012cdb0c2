"""Places in the shared memory are used again, whatever sizes come."""

from __future__ import annotations

import random

from sonoedge.session.worker.extents import Extents


def test_places_never_overlap_and_all_of_it_comes_back() -> None:
    rng = random.Random(0)
    extents, held = Extents(100, 1100), dict[int, int]()
    for _ in range(5000):
        if held and rng.random() < 0.5:
            begin = rng.choice(list(held))
            extents.give_back(begin, held.pop(begin))
            continue
        size = rng.randint(1, 90)
        begin_or_none = extents.take(size)
        if begin_or_none is not None:
            assert begin_or_none >= 100
            assert begin_or_none + size <= 1100
            assert all(begin_or_none + size <= b or b + s <= begin_or_none for b, s in held.items())
            held[begin_or_none] = size
    for begin, size in held.items():
        extents.give_back(begin, size)
    assert extents.take(1000) == 100


def test_sizes_that_never_repeat_touch_no_more_than_was_in_use_at_once() -> None:
    extents = Extents(0, 1 << 20)
    for size in range(1, 500):
        first, second = extents.take(size), extents.take(size + 1)
        assert first is not None
        assert second is not None
        extents.give_back(first, size)
        extents.give_back(second, size + 1)
    assert extents.touched <= 2 * 501


def test_what_does_not_fit_is_refused() -> None:
    extents = Extents(0, 10)
    assert extents.take(11) is None
    assert extents.take(10) == 0
    assert extents.take(1) is None
