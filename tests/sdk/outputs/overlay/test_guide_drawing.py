from __future__ import annotations

import math

import numpy as np
import pytest

from sonoedge.analysis import Analysed, Origin
from sonoedge.frames import Frame
from sonoedge.outputs.overlay import GuideLine, draw
from sonoedge.outputs.overlay.guide import NotPlaced, place
from sonoedge.outputs.overlay.guide_drawing import write_depths
from sonoedge.outputs.overlay.style import TEXT

ORIGIN = Origin(bundle_id="b", engine_sha256="0", runtime="r", precision="fp32", variant="v")
ANALYSIS = Analysed(
    frame_id=0, captured_ns=0, age_ms=0.0, stages_ms={}, origin=ORIGIN, regions=(), class_probs={}
)
GUIDE = GuideLine(across_mm=0, down_mm=0, angle_deg=45)


def frame(spacing_mm: tuple[float, float] | None) -> Frame:
    return Frame(pixels=np.full((300, 400), 90, np.uint8), spacing_mm=spacing_mm)


@pytest.mark.req("R92")
@pytest.mark.parametrize("spacing", [None, (0.0, 0.1), (math.nan, 0.1), (0.1, math.inf)])
def test_without_a_spacing_there_is_none_and_the_picture_says_so(
    spacing: tuple[float, float] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    module = "sonoedge.outputs.overlay.guide_drawing.put_text"
    monkeypatch.setattr(module, lambda picture, text, *rest: written.append(text))
    assert isinstance(place(GUIDE, frame(spacing)), NotPlaced)
    draw(frame(spacing), ANALYSIS, guide=GUIDE)
    assert set(written) == {"NO GUIDE LINE: the frame has no spacing in millimetres"}


@pytest.mark.req("R92")
def test_it_is_off_unless_it_is_asked_for() -> None:
    shown = frame((0.1, 0.1))
    plain, lined = draw(shown, ANALYSIS), draw(shown, ANALYSIS, guide=GUIDE)
    assert np.array_equal(plain, draw(shown, ANALYSIS, guide=None))
    assert not (plain[:520] == TEXT).all(axis=2).any()
    assert (lined[:520] == TEXT).all(axis=2).sum() > 100


def test_a_frame_that_is_no_picture_is_drawn_all_the_same() -> None:
    empty = Frame(pixels=np.zeros((0, 0), np.uint8), spacing_mm=(0.1, 0.1))
    assert draw(empty, ANALYSIS, guide=GUIDE).ndim == 3


@pytest.mark.req("R92")
def test_no_depth_is_written_half_under_a_contour_or_over_a_tag(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written: list[str] = []
    module = "sonoedge.outputs.overlay.guide_drawing.put_text"
    monkeypatch.setattr(module, lambda picture, text, *rest: written.append(text))
    placed = place(GUIDE, frame((0.1, 0.1)))
    picture = np.full((300, 400, 3), 90, np.uint8)
    write_depths(picture, placed, (1.0, 1.0), [])
    assert written == ["10 mm", "20 mm", "guide line as set, no needle"]
    written.clear()
    write_depths(picture, placed, (1.0, 1.0), [(250, 50, 350, 90)])
    assert written == ["20 mm", "guide line as set, no needle"]
