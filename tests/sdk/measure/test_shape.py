from __future__ import annotations

import pytest

from measured_pictures import cut_of, ellipse, speckle
from sonoedge.analysis import Region
from sonoedge.measure.outline import outline_of
from sonoedge.measure.shape import NAMES, shape


def values(region: Region) -> dict[str, float]:
    cut = cut_of(speckle(), region)
    return dict(zip(NAMES, shape(cut, outline_of(cut)), strict=True))


def test_a_disc_is_round_and_even() -> None:
    got = values(ellipse((200, 150), (50, 50)))
    for name in ("width_height", "axis_ratio", "ellipse_perimeter", "roundness", "rectangle_ratio"):
        assert got[name] == pytest.approx(1, abs=0.06), name
    assert got["radial_deviation"] < 0.02
    assert got["uprightness"] == pytest.approx(0.5, abs=0.02)
    assert got["fractal_dimension"] == pytest.approx(1, abs=0.02)


def test_upright_and_lying_ellipses_differ_in_direction_alone() -> None:
    lying, upright = values(ellipse((200, 150), (60, 40))), values(ellipse((200, 150), (40, 60)))
    assert lying["width_height"] == pytest.approx(1 / upright["width_height"], rel=0.03)
    assert lying["uprightness"] == pytest.approx(1 - upright["uprightness"], abs=0.02)
    for name in ("axis_ratio", "compactness", "solidity", "roundness"):
        assert lying[name] == pytest.approx(upright[name], abs=0.03), name


def test_lobes_turn_and_cross_the_mean_radius() -> None:
    plain, lobed = (
        values(ellipse((200, 150), (60, 60))),
        values(ellipse((200, 150), (60, 60), lobes=0.2)),
    )
    assert lobed["radial_crossings"] == 18  # nine lobes, in and out
    assert lobed["turning"] > 2 * plain["turning"]
    assert lobed["radial_excess"] > 10 * plain["radial_excess"]
