"""sources/source.py: iterating, closing, and settings that make no sense."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import pytest

from sonoedge.errors import Closed, InvalidSettings
from sonoedge.sources.picture import Contents, Picture
from sonoedge.sources.source import Source


class Reader:
    """Three pictures, and a note of what is open."""

    def __init__(self) -> None:
        self.open = 0
        self.closed = 0

    def pictures(self) -> Generator[Picture, None, None]:
        self.open += 1
        try:
            for i in range(3):
                yield Picture(pixels=np.full((2, 2), i, dtype=np.uint8), time_s=float(i))
        finally:
            self.open -= 1

    def close(self) -> None:
        self.closed += 1

    def contents(self, **changes: Any) -> Contents:
        values: dict[str, Any] = {"name": "three", "count": 3, "fps": 1.0, "times": "own"}
        values |= {"pictures": self.pictures, "close": self.close}
        return Contents(**(values | changes))


def values(source: Source) -> list[int]:
    return [int(frame.pixels[0, 0]) for frame in source]


def test_a_source_says_its_name_count_and_rate() -> None:
    source = Source(Reader().contents())
    assert (source.name, source.count, source.fps) == ("three", 3, 1.0)


def test_iterating_again_starts_from_the_beginning() -> None:
    reader = Reader()
    source = Source(reader.contents())
    first = iter(source)
    next(first)
    assert values(source) == [0, 1, 2]
    assert list(first) == []
    assert reader.open == 0


def test_leaving_the_block_lets_go_of_everything_once() -> None:
    reader = Reader()
    with Source(reader.contents()) as source:
        next(iter(source))
        assert reader.open == 1
    source.close()
    assert (reader.open, reader.closed) == (0, 1)


def test_a_closed_source_is_not_read() -> None:
    source = Source(Reader().contents())
    source.close()
    with pytest.raises(Closed, match="three was closed; open it again"):
        iter(source)


def test_the_clock_and_the_sleep_are_those_given(clock: Any) -> None:
    source = Source(Reader().contents(), realtime=True, clock_ns=clock, sleep_s=clock.sleep)
    assert [f.captured_ns for f in source] == [1_000_000_000, 2_000_000_000, 3_000_000_000]


def test_a_frame_rate_given_is_the_source_s_rate() -> None:
    assert Source(Reader().contents(), fps=25).fps == 25


def test_pictures_without_times_cannot_be_replayed_in_real_time() -> None:
    contents = Reader().contents(times="none", fps=None)
    with pytest.raises(InvalidSettings, match="three has no frame times"):
        Source(contents, realtime=True)
    assert values(Source(contents, realtime=True, fps=1e6)) == [0, 1, 2]


def test_one_picture_needs_no_times() -> None:
    contents = Reader().contents(times="none", fps=None, count=1)
    assert Source(contents, realtime=True).count == 1


@pytest.mark.parametrize("fps", [0, -1, float("nan"), float("inf")])
def test_a_frame_rate_must_be_a_positive_number(fps: float) -> None:
    with pytest.raises(InvalidSettings, match="positive"):
        Source(Reader().contents(), fps=fps)


def test_a_live_device_sets_its_own_pace() -> None:
    with pytest.raises(InvalidSettings, match="leave fps out"):
        Source(Reader().contents(times="live"), fps=30)
