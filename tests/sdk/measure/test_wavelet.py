from __future__ import annotations

import numpy as np

from measured_pictures import cut_of, ellipse
from sonoedge.measure.wavelet import NAMES, wavelet


def details(grey: np.ndarray) -> dict[str, float]:
    cut = cut_of(grey.astype(np.uint8), ellipse((200, 150), (60, 50)))
    return dict(zip(NAMES, wavelet(cut), strict=True))


def test_one_level_has_no_detail() -> None:
    assert set(details(np.full((300, 400), 90)).values()) == {0.0}


def test_stripes_are_details_of_their_direction() -> None:
    rows = np.tile(128 + 90 * np.sin(np.arange(300) / 3)[:, None], (1, 400))
    got = details(rows)
    assert got["horizontal_2_energy"] > 10 * got["vertical_2_energy"]
    turned = details(np.tile(128 + 90 * np.sin(np.arange(400) / 3), (300, 1)))
    assert turned["vertical_2_energy"] > 10 * turned["horizontal_2_energy"]
