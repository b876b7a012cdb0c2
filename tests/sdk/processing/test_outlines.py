from __future__ import annotations

import cv2
import numpy as np

from sonoedge.processing.outlines import cells, parts

WHOLE = (0, 0, 60, 40)


def drawn(*rings: tuple[tuple[int, int], int, int]) -> np.ndarray:
    """Discs (centre, radius, level), later ones over earlier ones."""
    values = np.zeros((40, 60), np.uint8)
    for centre, radius, level in rings:
        cv2.circle(values, centre, radius, level, cv2.FILLED)
    return values


def test_a_hole_counts_as_inside_when_a_mean_is_taken() -> None:
    values = drawn(((30, 20), 10, 200), ((30, 20), 4, 50))
    (part,) = parts(values, WHOLE, 128, min_cells=1, max_parts=9)
    filled = drawn(((30, 20), 10, 1)) > 0
    assert part.mean(values) == values[filled].mean() / 255
    assert np.count_nonzero(part.solid) == filled.sum()


def test_a_part_beside_another_counts_its_own_cells_alone() -> None:
    values = drawn(((15, 20), 9, 200), ((28, 27), 3, 180), ((50, 20), 5, 220))
    found = parts(values, WHOLE, 128, min_cells=1, max_parts=9)
    assert [round(p.mean(values) * 255) for p in found] == [200, 220, 180]


def test_a_mean_is_the_same_with_and_without_the_short_way() -> None:
    rng = np.random.default_rng(0)
    for _ in range(300):
        rough = cv2.GaussianBlur(rng.random((40, 60), dtype=np.float32), (0, 0), 3)
        values = cv2.normalize(rough, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
        for part in parts(values, WHOLE, 150, min_cells=1, max_parts=99):
            filled = np.zeros_like(values)
            cv2.drawContours(filled, [part.outline], -1, 255, cv2.FILLED)
            assert abs(part.mean(values) - values[filled > 0].mean() / 255) < 1e-9


def test_parts_lie_within_the_box_and_in_the_whole_maps_cells() -> None:
    values = drawn(((10, 20), 6, 200), ((40, 20), 6, 200))
    (part,) = parts(values, (30, 5, 60, 40), 128, min_cells=1, max_parts=9)
    assert part.box == (34, 14, 13, 13)
    assert part.outline[:, 0].min(axis=0).tolist() == [34, 14]


def test_cells_of_an_outline_are_counted_exactly() -> None:
    values = drawn(((30, 20), 10, 255))
    (part,) = parts(values, WHOLE, 128, min_cells=1, max_parts=9)
    assert cells(part.outline) == np.count_nonzero(values)
