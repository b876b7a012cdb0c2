from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

pytestmark = pytest.mark.usefixtures("peer_modules")


def square(x: int, y: int, side: int) -> npt.NDArray[np.int32]:
    """An outline."""
    end = side - 1
    return np.array([(x, y), (x + end, y), (x + end, y + end), (x, y + end)], dtype=np.int32)


def lesion(x: int, y: int, side: int) -> npt.NDArray[np.bool_]:
    """A label of 40 x 40 pixels."""
    mask = np.zeros((40, 40), dtype=bool)
    mask[y : y + side, x : x + side] = True
    return mask


def test_a_tally_counts_overlap_dice_and_flags() -> None:
    from accuracy import Tally
    from subject import Regions

    tally = Tally()
    ours = Regions(outlines=[square(0, 0, 10)], flagged=True)
    tally.add(Regions(outlines=[square(0, 0, 10)], flagged=True), ours, lesion(0, 0, 10))
    tally.add(Regions(outlines=[square(5, 0, 10)], flagged=False), ours, lesion(0, 0, 10))
    # Nothing to find, and nothing that ours graded: neither Dice nor flag.
    stopped = Regions(outlines=[], flagged=None)
    tally.add(Regions(outlines=[], flagged=False), stopped, np.zeros((40, 40), dtype=bool))
    assert tally.regions == 2
    assert tally.dice_mean == pytest.approx((1.0 + 0.5) / 2)
    assert tally.iou == pytest.approx((100 + 50) / (100 + 150))
    assert tally.flags_same == 0.5


def test_a_frame_that_a_variant_stops_is_not_the_same_flag_as_one_that_is_fine() -> None:
    from accuracy import Tally
    from subject import Regions

    fine, stopped = Regions(outlines=[], flagged=False), Regions(outlines=[], flagged=None)
    tally = Tally()
    tally.add(fine, fine, lesion(0, 0, 1))
    tally.add(stopped, fine, lesion(0, 0, 1))
    assert tally.flags_same == 0.5


def test_what_nobody_told_is_none() -> None:
    from accuracy import Tally
    from subject import Regions

    tally = Tally()
    ungraded = Regions(outlines=[], flagged=None)
    tally.add(ungraded, Regions(outlines=[], flagged=True), np.zeros((40, 40), dtype=bool))
    assert (tally.flags_same, tally.iou, tally.dice_mean) == (None, None, None)


def test_the_first_peer_is_what_the_others_are_held_against() -> None:
    from accuracy import judge
    from subject import Regions

    from frames import Labelled

    class Sure:
        def __init__(self, x: int) -> None:
            self._regions = Regions(outlines=[square(x, 0, 10)], flagged=True)

        def regions(self, picture: object) -> Regions:
            return self._regions

    frame = Labelled(pixels=np.zeros((40, 40), dtype=np.uint8), lesion=lesion(20, 0, 10))
    done: list[int] = []
    first, second = judge([Sure(0), Sure(20)], [frame, frame], done.append)  # type: ignore[list-item]
    assert (first.iou, first.dice_mean) == (1.0, 0.0)
    assert (second.iou, second.dice_mean) == (0.0, 1.0)
    assert done == [1, 2]
