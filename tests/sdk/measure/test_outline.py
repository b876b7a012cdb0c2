from __future__ import annotations

import numpy as np
import pytest

from measured_pictures import cut_of, ellipse, region_of, speckle
from sonoedge.measure.outline import POINTS, outline_of


def test_a_discs_outline_is_a_circle_and_its_normals_point_outwards() -> None:
    outline = outline_of(cut_of(speckle(), ellipse((200, 150), (50, 50))))
    middle = outline.points.mean()
    away = outline.points - middle
    assert len(outline.points) == POINTS
    assert outline.length == pytest.approx(2 * np.pi * np.abs(away).mean(), rel=0.02)
    assert outline.area == pytest.approx(np.pi * np.abs(away).mean() ** 2, rel=0.02)
    assert (outline.outwards * away.conj()).real.min() > 0
    assert np.abs(np.abs(outline.outwards) - 1).max() < 1e-9


def test_of_several_parts_the_longest_has_the_outline() -> None:
    bow_tie = region_of([(50, 50), (200, 150), (200, 50), (50, 80)])
    outline = outline_of(cut_of(speckle(), bow_tie))
    assert np.isfinite(outline.points).all()
    assert outline.length > 1
