"""The newest thing that there is to tell, and its picture."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sonoedge.analysis import Analysed, NotAnalysed
from sonoedge.frames import Frame
from sonoedge.sinks.newest import Newest

FRAME = Frame(pixels=np.full((48, 64), 90, np.uint8), spacing_mm=(0.25, 0.5))


class Hand:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_each_change_has_a_number_and_repeating_a_loss_has_none(
    analysed: Callable[..., Analysed],
) -> None:
    newest = Newest(1.0)
    first = newest.than(0)
    assert first is not None
    assert first[1].name == "STARTING"
    assert newest.than(first[0]) is None
    assert newest.add(analysed())
    assert newest.add_nothing("SOURCE_LOST")
    assert not newest.add_nothing("SOURCE_LOST")
    told = newest.than(first[0])
    assert told is not None
    assert told[1].text == "NOT ANALYSED: SOURCE_LOST"
    assert told[1].pixels is None


@pytest.mark.req("R60")
def test_a_result_grows_stale_by_itself(analysed: Callable[..., Analysed]) -> None:
    clock = Hand()
    newest = Newest(1.0, clock_s=clock)
    assert newest.left_s() is None  # it says already that there is nothing
    newest.add(analysed())
    assert newest.left_s() == pytest.approx(1.0)
    clock.now_s += 1.01
    told = newest.than(2)
    assert told is not None
    assert told[1].name == "STALE"
    assert newest.left_s() is None


@pytest.mark.req("R60")
@pytest.mark.parametrize("frame_first", [True, False])
def test_a_picture_is_told_with_the_result_of_that_very_frame(
    analysed: Callable[..., Analysed], frame_first: bool
) -> None:
    newest = Newest(1.0, pictures=True)
    other = Frame(pixels=np.zeros((48, 64), np.uint8))
    newest.add_frame(6, other)
    if frame_first:
        assert not newest.add_frame(7, FRAME)
        assert newest.add(analysed(frame_id=7, regions=0))
    else:
        assert not newest.add(analysed(frame_id=7, regions=0))
        assert newest.than(1) is None  # it waits for its frame
        assert newest.add_frame(7, FRAME)
    told = newest.than(1)
    assert told is not None
    assert told[1].pixels is not None
    assert np.all(told[1].pixels[:48, :64] == 90)
    assert told[1].spacing_mm == (0.25, 0.5)


@pytest.mark.req("R60")
def test_a_picture_does_not_stay_when_there_is_no_result_any_more(
    analysed: Callable[..., Analysed], refused: NotAnalysed
) -> None:
    newest = Newest(1.0, pictures=True)
    newest.add_frame(1, FRAME)
    newest.add(refused)
    shown = newest.than(1)
    newest.add_nothing("SOURCE_LOST")
    told = newest.than(2)
    assert shown is not None
    assert told is not None
    assert shown[1].pixels is not None
    assert told[1].pixels is not None
    assert np.all(shown[1].pixels[:48, :64] == 90)
    assert not told[1].pixels[:48].any()
    assert told[1].pixels.shape == shown[1].pixels.shape


def test_frames_without_a_result_are_not_kept(analysed: Callable[..., Analysed]) -> None:
    newest = Newest(1.0, pictures=True)
    for number in range(50):
        newest.add_frame(number, FRAME)
    assert len(newest._frames) <= 8
    assert not newest.add(analysed(frame_id=3))
