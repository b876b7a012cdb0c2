from __future__ import annotations

import numpy as np
import pytest

from sonoedge_export.litert import layout


def test_channels_go_behind_the_columns_and_other_ranks_stay() -> None:
    assert layout.shape((1, 3, 5, 7)) == (1, 5, 7, 3)
    assert layout.shape((1, 4)) == (1, 4)
    assert [layout.axis(n, 4) for n in (0, 1, 2, 3, -1, -3)] == [0, 3, 1, 2, 2, 3]
    assert layout.axis(-1, 2) == 1


def test_a_constant_is_laid_out_as_what_it_is_joined_with() -> None:
    per_channel = np.arange(3.0).reshape(3, 1, 1)
    assert layout.broadcastable(per_channel, 4).shape == (1, 1, 1, 3)
    assert layout.broadcastable(np.ones(7), 4).shape == (1, 1, 7, 1)
    assert layout.broadcastable(np.ones((1, 1)), 4).shape == ()
    assert layout.broadcastable(np.ones(7), 2).shape == (7,)


@pytest.mark.parametrize(
    ("sizes", "same"),
    [((1, 1, 5, 7), True), ((1, 9, 1, 1), True), ((1, 2, 1, 7), False), ((3, 4), True)],
)
def test_the_order_is_the_same_with_one_channel_or_one_pixel(
    sizes: tuple[int, ...], same: bool
) -> None:
    assert layout.same_order(sizes) is same
    values = np.arange(np.prod(sizes)).reshape(sizes)
    moved = layout.constant(values).reshape(-1)
    assert (moved == values.reshape(-1)).all() == same
