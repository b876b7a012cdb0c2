from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.usefixtures("peer_modules")


def subject(flag_threshold: float) -> Any:
    """What regions need to know: frames of twice the map's size."""
    return SimpleNamespace(
        frame_hw=(80, 80),
        min_area_px=40.0,
        postprocess=SimpleNamespace(flag_threshold=flag_threshold),
    )


def test_the_most_suspicious_region_flags_and_small_ones_do_not_count() -> None:
    from pictures import regions_of

    mask = np.zeros((40, 40), dtype=np.uint8)
    grades = np.zeros((40, 40), dtype=np.float32)
    for (y, x, side), grade in {(0, 0, 10): 0.2, (20, 20, 10): 0.6, (35, 35, 2): 0.9}.items():
        mask[y : y + side, x : x + side] = 1
        grades[y : y + side, x : x + side] = grade
    found = regions_of(mask, grades, subject(0.5))
    boxes = sorted((*o.min(axis=0).tolist(), *o.max(axis=0).tolist()) for o in found.outlines)
    assert boxes == [(0, 0, 18, 18), (40, 40, 58, 58)]
    assert found.flagged is True
    assert regions_of(mask, grades, subject(0.7)).flagged is False
    levels = np.rint(grades * 255).astype(np.uint8)
    assert regions_of(mask, levels, subject(0.5)).flagged is True
    assert regions_of(mask, levels, subject(0.7)).flagged is False
    assert regions_of(mask, None, subject(0.5)).flagged is None
    assert regions_of(np.zeros_like(mask), grades, subject(0.5)).flagged is False
