from __future__ import annotations

import dataclasses
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from sonoedge.analysis import Analysed, Explanation, Line, NotAnalysed, Origin, Reason, Region
from sonoedge.description import Described
from sonoedge.errors import InvalidSettings
from sonoedge.frames import Frame
from sonoedge.heads import Opinion
from sonoedge.measure import Measures
from sonoedge.outputs.overlay import draw, regions, style
from sonoedge.outputs.overlay.bar import draw_bar
from sonoedge.outputs.overlay.regions import tag_lines

ORIGIN = Origin(
    bundle_id="breast-1.0-0123abcd",
    engine_sha256="0" * 64,
    runtime="onnxruntime",
    precision="fp32",
    variant="onnxruntime-fp32",
)
COMMON: dict[str, Any] = {"captured_ns": 0, "age_ms": 14.2, "stages_ms": {}, "origin": ORIGIN}
BAR_ROWS = 64  # of a picture 720 wide


def region(x0: int, y0: int, x1: int, y1: int, **changes: Any) -> Region:
    values: dict[str, Any] = {
        "contour_px": np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], dtype=np.int32),
        "box_px": (x0, y0, x1 + 1, y1 + 1),
        "area_px": float((x1 - x0) * (y1 - y0)),
        "area_mm2": None,
        "box_mm": None,
        "suspicion": 0.83,
        "class_probs": {"benign": 0.17, "malignant": 0.83},
        "flagged": True,
    }
    return Region(**{**values, **changes})


def analysed(*found: Region, frame_id: int = 7) -> Analysed:
    return Analysed(frame_id=frame_id, regions=found, class_probs={}, **COMMON)


def refused(*reasons: Reason) -> NotAnalysed:
    return NotAnalysed(frame_id=7, reasons=reasons, **COMMON)


def grey(height: int = 300, width: int = 400, level: int = 90) -> Frame:
    return Frame(pixels=np.full((height, width), level, dtype=np.uint8))


def words(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What OpenCV is asked to write, as it is asked."""
    written: list[str] = []
    put = cv2.putText

    def listen(picture: Any, text: str, *rest: Any) -> Any:
        written.append(text)
        return put(picture, text, *rest)

    monkeypatch.setattr(cv2, "putText", listen)
    return written


def holds(picture: npt.NDArray[np.uint8], colour: style.Colour) -> bool:
    """Some pixel has the colour, but for what anti-aliasing takes off a thin line."""
    return bool((abs(picture.astype(int) - colour) < 40).all(axis=-1).any())


@pytest.mark.req("R6")
def test_the_pixels_of_the_frame_are_never_written() -> None:
    for shape in ((900, 700), (900, 700, 3), (300, 400, 3)):
        pixels = np.full(shape, 90, dtype=np.uint8)
        pixels.setflags(write=False)
        draw(Frame(pixels=pixels), analysed(region(50, 60, 200, 160)))
        assert (pixels == 90).all()


@pytest.mark.parametrize("shape", [(300, 400), (301, 419, 3), (1, 1), (3000, 2001), (40, 901)])
def test_a_picture_is_bgr_of_even_size_whatever_the_frame(shape: tuple[int, ...]) -> None:
    picture = draw(Frame(pixels=np.zeros(shape, dtype=np.uint8)), analysed())
    assert picture.dtype == np.uint8
    assert picture.ndim == 3
    assert picture.shape[2] == 3
    assert picture.shape[0] % 2 == picture.shape[1] % 2 == 0


def test_a_small_frame_is_enlarged_and_a_huge_one_is_bounded() -> None:
    assert draw(grey(300, 400), analysed()).shape[1] == 720
    assert draw(grey(900, 1200), analysed()).shape[1] == 1200
    assert draw(grey(3000, 4000), analysed()).shape[1] == 1280


def test_the_status_bar_lies_under_the_frame_and_hides_nothing_of_it() -> None:
    picture = draw(grey(300, 400), analysed())
    assert picture.shape == (540 + BAR_ROWS, 720, 3)
    assert (picture[:540] == 90).all()
    assert not (picture[540:] == 90).all(axis=-1).any()


def test_a_frame_taller_than_wide_stands_in_the_middle_over_a_bar_of_full_width() -> None:
    picture = draw(grey(600, 200), analysed())
    assert picture.shape[1] == 600
    assert (picture[:720, 180:420] == 90).all()
    assert not picture[:720, :180].any()
    assert not picture[:720, 420:].any()


def test_contours_lie_where_the_region_is() -> None:
    frame = grey(720, 720)
    picture = draw(frame, analysed(region(200, 300, 500, 600)))
    for x, y in ((350, 300), (350, 600), (200, 450), (500, 450)):
        assert tuple(picture[y, x]) == style.FLAGGED
    assert (picture[310:590, 210:490] == 90).all(), "the lesion itself stays free"


def test_contours_are_scaled_with_the_frame() -> None:
    picture = draw(grey(360, 360), analysed(region(100, 150, 250, 300)))
    # The centre of source pixel 100 lies at (100 + 0.5) * 2 - 0.5 = 200.5.
    assert any(tuple(picture[450, x]) == style.FLAGGED for x in (200, 201))
    assert any(tuple(picture[450, x]) == style.FLAGGED for x in (500, 501))


def test_a_flagged_region_looks_different_from_one_that_is_not() -> None:
    flagged = draw(grey(720, 720), analysed(region(200, 300, 500, 600)))[:720]
    calm = draw(grey(720, 720), analysed(region(200, 300, 500, 600, flagged=False)))[:720]
    assert holds(flagged, style.FLAGGED)
    assert not holds(flagged, style.NOT_FLAGGED)
    assert holds(calm, style.NOT_FLAGGED)
    assert not holds(calm, style.FLAGGED)


def test_a_contour_is_seen_on_white_and_on_black_tissue() -> None:
    for level in (0, 255):
        picture = draw(grey(720, 720, level), analysed(region(200, 300, 500, 600)))
        across = picture[450, 190:210].astype(int).sum(axis=1)
        assert across.max() - across.min() > 200


@pytest.mark.req("R5")
def test_not_analysed_never_looks_like_nothing_found(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = grey()
    nothing = draw(frame, analysed())
    written = words(monkeypatch)
    stopped = draw(frame, refused(Reason.SATURATED, Reason.FRAME_FROZEN))
    assert "NOT ANALYSED: SATURATED, FRAME_FROZEN" in written
    assert "READY" not in written
    assert "no region" not in written
    first_line = stopped[540 : 540 + BAR_ROWS // 2]
    banner = (first_line == np.array(style.NOT_ANALYSED, dtype=np.uint8)).all(axis=-1)
    assert banner[:, :8].all(), "the whole line is coloured"
    assert not holds(nothing, style.NOT_ANALYSED)
    assert (stopped[:540] == 90).all(), "no contour, and nothing over the frame"


def test_the_bar_says_state_and_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    written = words(monkeypatch)
    draw_bar(analysed(region(9, 9, 99, 99)), state="READY", width=720)
    assert "1 suspicious region" in written
    assert "READY" in written


def test_the_bar_says_who_spoke_how_old_it_is_and_that_it_is_no_diagnosis(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = words(monkeypatch)
    draw_bar(analysed(frame_id=412), state="DEGRADED", width=720)
    assert set(written) == {
        "DEGRADED",
        "no region",
        "frame 412",
        "onnxruntime fp32   age 14.2 ms",
        "Research use - not for diagnosis",
    }


def test_the_bar_names_a_variant_that_its_engine_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    written = words(monkeypatch)
    origin = dataclasses.replace(ORIGIN, variant="pruned-50")
    draw_bar(dataclasses.replace(analysed(), origin=origin), state="READY", width=720)
    assert "onnxruntime fp32 (pruned-50)   age 14.2 ms" in written


def test_a_long_list_of_reasons_is_cut_before_the_frame_number() -> None:
    bar = draw_bar(refused(*Reason), state="READY", width=720)
    text = (bar[:32] == np.array(style.TEXT, dtype=np.uint8)).all(axis=-1).any(axis=0)
    end = 720 - 12 - style.text_size("frame 7", 0.46)[0]
    assert text[12:end].any()
    assert not text[end - 10 : end].any()


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((9, 9), dtype=np.float32),
        np.zeros((9, 9, 4), dtype=np.uint8),
        np.zeros((0, 9), dtype=np.uint8),
        np.zeros(9, dtype=np.uint8),
        None,
    ],
    ids=["floats", "four channels", "empty", "one axis", "none"],
)
def test_what_is_no_picture_is_drawn_as_none(pixels: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    written = words(monkeypatch)
    picture = draw(Frame(pixels=pixels), refused(Reason.WRONG_DTYPE))
    assert picture.shape[1] == 720
    assert "this frame holds no picture" in written
    assert "NOT ANALYSED: WRONG_DTYPE" in written


def test_a_flipped_view_can_be_drawn() -> None:
    pixels = np.arange(300 * 400, dtype=np.uint32).astype(np.uint8).reshape(300, 400)
    flipped = draw(Frame(pixels=pixels[:, ::-1]), analysed())
    plain = draw(Frame(pixels=pixels[:, ::-1].copy()), analysed())
    assert (flipped == plain).all()


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({}, ("suspicion 0.83 malignant",)),
        ({"box_mm": (12.34, 8.06)}, ("suspicion 0.83 malignant", "12.3 x 8.1 mm")),
        ({"flagged": False, "suspicion": 0.12}, ("suspicion 0.12",)),
        ({"class_probs": {}}, ("suspicion 0.83",)),
        ({"track_id": 1, "track_flagged": True}, ("suspicion 0.83 malignant",)),
        ({"track_id": 1}, ("suspicion 0.83 malignant", "not yet confirmed")),
        (
            {"track_id": 1, "track_flagged": True, "flagged": False, "suspicion": 0.4},
            ("suspicion 0.40", "flag held"),
        ),
        (
            {"suspicion": 0.4, "class_probs": {"benign": 0.6, "malignant": 0.4}},
            ("suspicion 0.40, benign 0.60",),
        ),
    ],
)
def test_a_tag_says_suspicion_and_size_and_of_which_class_a_number_is(
    changes: dict[str, Any], lines: tuple[str, ...]
) -> None:
    assert tag_lines(region(9, 9, 99, 99, **changes)) == lines


def test_tags_hide_neither_regions_nor_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    boxes = [(40, 40, 200, 140), (210, 30, 330, 150), (60, 160, 180, 240), (5, 150, 50, 200)]
    places: list[regions.Box] = []
    tag = regions._tag

    def listen(*args: Any, **named: Any) -> regions.Box:
        places.append(tag(*args, **named))
        return places[-1]

    monkeypatch.setattr(regions, "_tag", listen)
    draw(grey(300, 400), analysed(*(region(*box, box_mm=(9.0, 9.0)) for box in boxes)))
    scaled = [tuple(round(1.8 * n) for n in box) for box in boxes]
    assert len(places) == 4
    for i, place in enumerate(places):
        assert 0 <= place[0] < place[2] <= 720
        assert 0 <= place[1] < place[3] <= 540
        for box in [*scaled, *places[:i]]:
            apart = (
                place[2] <= box[0] or box[2] <= place[0] or place[3] <= box[1] or box[3] <= place[1]
            )
            assert apart


def test_text_beyond_ascii_is_written_as_question_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    written = words(monkeypatch)
    style.put_text(np.zeros((30, 90, 3), dtype=np.uint8), "höher", (0, 20), 0.5, style.TEXT)
    assert written == ["h?her"]


@pytest.mark.parametrize(("up", "shown"), [(True, True), (False, False), (None, False)])
def test_a_raised_flag_stands_on_a_ground_of_its_own(
    up: bool | None, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = words(monkeypatch)
    bar = draw(grey(720, 720), dataclasses.replace(analysed(), temporal_flag=up))[720:]
    assert ("FLAG" in written) is shown
    assert holds(bar, style.FLAGGED) is shown


def test_a_still_that_is_suspicious_is_flagged_as_nothing_is_to_be_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = words(monkeypatch)
    draw(grey(720, 720), analysed(region(200, 300, 500, 600)))
    assert "FLAG" in written


def test_a_region_whose_flag_is_held_and_one_not_yet_confirmed_are_amber_and_thin() -> None:
    def across(**changes: Any) -> int:
        found = region(200, 300, 500, 600, track_id=3, **changes)
        row = draw(grey(720, 720), analysed(found))[450, 190:210].astype(int)
        return int((abs(row - style.FLAGGED) < 40).all(axis=-1).sum())

    confirmed = across(flagged=True, track_flagged=True)
    assert 0 < across(flagged=False, track_flagged=True) < confirmed
    assert 0 < across(flagged=True, track_flagged=False) < confirmed
    assert across(flagged=False, track_flagged=False) == 0


def test_a_frame_is_shown_in_square_pixels_and_contours_stay_on_it() -> None:
    frame = Frame(pixels=np.full((360, 180), 90, np.uint8), spacing_mm=(0.1, 0.2))
    picture = draw(frame, analysed(region(50, 150, 125, 300)))
    assert (picture[:700, :720] == 90).all(axis=-1).mean() > 0.8
    # Source pixel 50 is 2 x 2 wide: its centre lies at (50 + 0.5) * 4 - 0.5 = 201.5.
    assert any(tuple(picture[450, x]) == style.FLAGGED for x in (201, 202))
    assert any(tuple(picture[450, x]) == style.FLAGGED for x in (501, 502))


def test_an_explanation_tints_the_regions_alone_and_by_its_level() -> None:
    frame = grey(300, 400, 60)
    levels = np.zeros((30, 40), dtype=np.uint8)
    levels[:, 20:] = 255
    found = region(100, 100, 300, 200, flagged=False)
    shown = dataclasses.replace(
        analysed(found),
        explanation=Explanation(name="malignancy_map", levels=levels, box_px=(0, 0, 400, 300)),
    )
    plain, tinted = draw(frame, analysed(found)), draw(frame, shown)
    k = plain.shape[1] / 400

    def at(picture: npt.NDArray[np.uint8], x: int, y: int) -> list[int]:
        return [int(v) for v in picture[round(y * k), round(x * k)]]

    assert at(tinted, 270, 170) == pytest.approx([0.3 * 60 + 0.7 * c for c in style.FLAGGED], abs=1)
    assert at(tinted, 130, 170) == at(plain, 130, 170)  # the map is 0 there
    assert at(tinted, 350, 170) == at(plain, 350, 170)  # no region there


def test_a_line_is_drawn_and_its_tag_tells_angle_and_length() -> None:
    line = Line(
        ends_px=((250.0, 350.0), (450.0, 550.0)), angle_deg=45.0, length_px=282.8, length_mm=28.3
    )
    plain = region(200, 300, 500, 600)
    lined = dataclasses.replace(plain, line=line)
    without, drawn = (draw(grey(720, 720), analysed(each)) for each in (plain, lined))
    assert not holds(without[400:402, 300:302], style.FLAGGED)
    assert holds(drawn[400:402, 300:302], style.FLAGGED)
    assert not holds(drawn[570:575, 470:475], style.FLAGGED)  # nothing beyond its end
    assert "line seen: 28.3 mm, 45 deg" in tag_lines(lined)


def described(*, disagrees: bool) -> Described:
    opinion = Opinion(
        name="second", kind="logistic", suspicion=0.1, flagged=False, disagrees=disagrees, fused=0.2
    )
    measures = Measures(names=("shape.a",), values=np.zeros(1, dtype=np.float32))
    return Described(measures=measures, opinions=(opinion,))


def test_a_second_opinion_that_disagrees_is_said_at_its_region_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = words(monkeypatch)
    analysis = analysed(region(40, 40, 120, 120), region(220, 160, 300, 240))
    given = (described(disagrees=False), described(disagrees=True))
    picture = draw(grey(), analysis, descriptions=given)
    assert written.count("second opinion disagrees") == 1
    written.clear()
    plain = draw(grey(), analysis, descriptions=(None, given[0]))
    assert "second opinion disagrees" not in written
    assert np.array_equal(plain, draw(grey(), analysis))
    assert np.array_equal(picture[-BAR_ROWS:], plain[-BAR_ROWS:])  # the verdict is the network's


def test_descriptions_of_another_frame_are_refused() -> None:
    with pytest.raises(InvalidSettings, match="one per region, 1, not 2"):
        draw(grey(), analysed(region(40, 40, 120, 120)), descriptions=(None, None))
    with pytest.raises(InvalidSettings, match="one per region, 0, not 1"):
        draw(grey(), refused(Reason.NO_CONTACT), descriptions=(None,))
