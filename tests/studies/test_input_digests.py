from __future__ import annotations

import itertools

from studies.input_digests import INPUTS, SIZES, digests, frames


def test_there_is_a_line_for_each_input_and_the_same_frames_give_the_same_lines() -> None:
    first = [line for picture in itertools.islice(frames(), 4) for line in digests(picture)]
    again = [line for picture in itertools.islice(frames(), 4) for line in digests(picture)]
    assert first == again
    assert len(first) == len(set(first)) == 4 * len(INPUTS) * 4
    assert len(list(frames(0))) == 2 * len(SIZES)


def test_another_rounding_is_another_line() -> None:
    picture = next(frames())
    other = picture.copy()
    other[0, 0] ^= 255
    assert set(digests(picture)).isdisjoint(digests(other))
