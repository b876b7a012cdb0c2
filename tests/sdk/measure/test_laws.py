from __future__ import annotations

import numpy as np

from measured_pictures import cut_of, ellipse
from sonoedge.measure.laws import NAMES, laws


def energies(grey: np.ndarray) -> dict[str, float]:
    cut = cut_of(grey.astype(np.uint8), ellipse((200, 150), (60, 50)))
    return dict(zip(NAMES, laws(cut), strict=True))


def test_one_level_has_no_energy() -> None:
    assert set(energies(np.full((300, 400), 90)).values()) == {0.0}


def test_a_slope_is_an_edge_and_no_spot_or_ripple() -> None:
    slope = np.tile(np.arange(400) * 0.6, (300, 1))
    got = energies(slope)
    assert got["le"] > 10 * max(got["ss"], got["rr"], got["sr"])


def test_finer_stripes_have_less_of_an_edge_and_more_of_a_ripple() -> None:
    x = np.arange(400)
    fine, wide = (
        energies(np.tile(128 + 90 * np.sin(2 * np.pi * x / p), (300, 1))) for p in (16, 64)
    )
    assert fine["lr"] / fine["le"] > 3 * wide["lr"] / wide["le"]
