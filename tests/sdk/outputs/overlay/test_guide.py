from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from sonoedge.errors import InvalidSettings
from sonoedge.frames import Frame
from sonoedge.outputs.overlay import GuideLine, guide_from
from sonoedge.outputs.overlay.guide import NotPlaced, Placed, place

GUIDE = GuideLine(across_mm=0, down_mm=0, angle_deg=45)


def frame(spacing_mm: tuple[float, float] | None = (0.2, 0.1), **values: Any) -> Frame:
    return Frame(pixels=np.full((300, 400), 90, np.uint8), spacing_mm=spacing_mm, **values)


def placed(guide: GuideLine, shown: Frame) -> Placed:
    line = place(guide, shown)
    assert isinstance(line, Placed)
    return line


@pytest.mark.req("R92")
@pytest.mark.parametrize("angle", [5, 30, 45, 80, 90, -5, -45, -90])
def test_a_mark_lies_so_many_millimetres_from_the_entry_at_the_angle(angle: float) -> None:
    guide = dataclasses.replace(GUIDE, angle_deg=angle, mark_mm=2)
    marks = placed(guide, frame()).marks
    assert marks
    for mm, (x, y) in marks:
        right, down = (x - 199.5) * 0.1, (y + 0.5) * 0.2
        assert math.hypot(right, down) == pytest.approx(mm)
        assert math.degrees(math.atan2(down, right)) == pytest.approx(angle % 180)


def test_the_entry_is_counted_from_the_middle_of_the_picture_and_not_of_the_frame() -> None:
    guide = dataclasses.replace(GUIDE, across_mm=-4, down_mm=2)
    line = placed(guide, frame(roi_px=(100, 50, 300, 250)))
    assert line.ends_px[0] == pytest.approx((199.5 - 40, 49.5 + 10))
    (x, y) = line.ends_px[1]
    assert 99.5 <= x <= 299.5
    assert 49.5 <= y <= 249.5


def test_a_line_that_enters_beside_the_picture_begins_at_its_edge_and_counts_from_the_entry() -> (
    None
):
    guide = GuideLine(across_mm=-25, down_mm=0, angle_deg=45, mark_mm=1)
    line = placed(guide, frame())  # 20 mm to either side: the first 5 lie outside
    assert line.ends_px[0] == pytest.approx((-0.5, 5 / 0.2 - 0.5))
    assert line.marks[0][0] == math.ceil(5 * math.sqrt(2))


def test_a_line_that_misses_the_picture_is_told() -> None:
    for guide in (
        dataclasses.replace(GUIDE, across_mm=30),
        GuideLine(across_mm=30, down_mm=0, angle_deg=90),
    ):
        assert place(guide, frame()) == NotPlaced(why="it does not cross the picture")


@pytest.mark.parametrize("text", ["", "1,2", "1,2,3", "1,2,x", "1,2,91", "nan,0,45", "501,0,45"])
def test_what_is_no_guide_line_is_refused(text: str) -> None:
    with pytest.raises(InvalidSettings, match="guide line"):
        guide_from(text)


def test_three_numbers_are_one() -> None:
    assert guide_from("25,0,-45") == GuideLine(across_mm=25, down_mm=0, angle_deg=-45)


@pytest.mark.parametrize("mark", [0.5, math.nan, 501])
def test_marks_that_nobody_could_read_are_refused(mark: float) -> None:
    with pytest.raises(InvalidSettings, match="mark_mm"):
        dataclasses.replace(GUIDE, mark_mm=mark)
