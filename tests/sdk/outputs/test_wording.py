from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from sonoedge.analysis import Analysed, FrameGrade, Line, NotAnalysed, Origin, Reason, Region
from sonoedge.outputs.wording import counted, line_words, picture_line, region_note, taught, verdict

ORIGIN = Origin(bundle_id="b", engine_sha256="0", runtime="r", precision="p", variant="v")


def region(*, flagged: bool, **changes: Any) -> Region:
    return Region(
        contour_px=np.zeros((3, 2), np.int32),
        box_px=(0, 0, 9, 9),
        area_px=9.0,
        area_mm2=None,
        box_mm=None,
        suspicion=0.8 if flagged else 0.1,
        class_probs={},
        flagged=flagged,
        **changes,
    )


def analysed(*flags: bool, up: bool | None, grade: FrameGrade | None = None) -> Analysed:
    return Analysed(
        frame_id=0,
        captured_ns=0,
        age_ms=1.0,
        stages_ms={},
        origin=ORIGIN,
        regions=tuple(region(flagged=flagged) for flagged in flags),
        class_probs={},
        temporal_flag=up,
        grade=grade,
    )


@pytest.mark.req("R44")
@pytest.mark.parametrize(
    ("flags", "up", "words"),
    [
        ((), None, "no region"),
        ((False,), None, "1 region, not suspicious"),
        ((True,), None, "FLAG: 1 suspicious region"),
        ((False, False), None, "2 regions, none suspicious"),
        ((True, False, True), None, "FLAG: 3 regions, 2 suspicious"),
        ((True, True), None, "FLAG: 2 suspicious regions"),
        ((), False, "no region"),
        ((False,), False, "1 region, not suspicious"),
        ((True,), False, "1 suspicious region, not yet confirmed"),
        ((True,), True, "FLAG: 1 suspicious region"),
        ((False,), True, "FLAG: held from earlier frames; now 1 region, not suspicious"),
        ((), True, "FLAG: held from earlier frames; now no region"),
    ],
)
def test_flag_and_frame_never_contradict_each_other(
    flags: tuple[bool, ...], up: bool | None, words: str
) -> None:
    assert str(verdict(analysed(*flags, up=up))) == words


@pytest.mark.req("R5")
@pytest.mark.parametrize(
    ("suspicion", "up", "words"),
    [
        (0.83, None, "FLAG: frame suspicious (0.83), no localisation"),
        (0.12, None, "frame not suspicious (0.12), no localisation"),
        (0.83, False, "frame suspicious (0.83), no localisation, not yet confirmed"),
        (
            0.12,
            True,
            "FLAG: held from earlier frames; now frame not suspicious (0.12), no localisation",
        ),
    ],
)
def test_a_network_that_does_not_localise_never_says_that_there_is_no_region(
    suspicion: float, up: bool | None, words: str
) -> None:
    grade = FrameGrade(suspicion=suspicion, flagged=suspicion >= 0.5)
    result = str(verdict(analysed(up=up, grade=grade)))
    assert result == words
    assert "no region" not in result


@pytest.mark.parametrize(
    ("flagged", "track", "note"),
    [
        (True, {}, ""),
        (False, {}, ""),
        (True, {"track_id": 1, "track_flagged": True}, ""),
        (True, {"track_id": 1, "track_flagged": False}, "not yet confirmed"),
        (False, {"track_id": 1, "track_flagged": True}, "flag held"),
        (False, {"track_id": 1, "track_flagged": False}, ""),
    ],
)
def test_a_region_says_how_its_flag_stands_where_its_suspicion_does_not(
    flagged: bool, track: dict[str, Any], note: str
) -> None:
    assert region_note(region(flagged=flagged, **track)) == note


def test_a_pictures_line_holds_what_there_is_to_know_of_each_region() -> None:
    result = analysed(True, False, up=None)
    assert picture_line("a.png", result) == (
        "a.png  FLAG: 2 regions, 1 suspicious; suspicion 0.80, box 0,0 to 9,9 px (9 x 9); "
        "suspicion 0.10, box 0,0 to 9,9 px (9 x 9)"
    )
    sized = dataclasses.replace(region(flagged=True, track_id=1), box_mm=(1.25, 2.0))
    assert picture_line("a.png", dataclasses.replace(result, regions=(sized,))).endswith(
        "suspicion 0.80, not yet confirmed, box 0,0 to 9,9 px (9 x 9 = 1.2 x 2.0 mm)"
    )


@pytest.mark.req("R5")
def test_a_refused_pictures_line_says_why_and_nothing_of_regions() -> None:
    refused = NotAnalysed(
        frame_id=0,
        captured_ns=0,
        age_ms=1.0,
        stages_ms={},
        origin=ORIGIN,
        reasons=(Reason.OUT_OF_SCOPE,),
        detail="other 0.931, limit 0.500",
    )
    assert (
        picture_line("b.png", refused)
        == "b.png  NOT ANALYSED: OUT_OF_SCOPE (other 0.931, limit 0.500)"
    )


@pytest.mark.parametrize(
    ("reason", "detail", "words"),
    [
        (Reason.OUT_OF_TAUGHT_SCOPE, "taught bone, by 0.12", " (taught bone)"),
        (Reason.OUT_OF_TAUGHT_SCOPE, "", ""),
        (Reason.OUT_OF_SCOPE, "taught bone, by 0.12", ""),
    ],
)
def test_what_was_taught_stands_behind_its_reason(reason: Reason, detail: str, words: str) -> None:
    refused = NotAnalysed(
        frame_id=0,
        captured_ns=0,
        age_ms=1.0,
        stages_ms={},
        origin=ORIGIN,
        reasons=(reason,),
        detail=detail,
    )
    assert taught(refused) == words


def test_one_of_a_thing_is_not_counted_as_several() -> None:
    assert [counted(n, "frame") for n in (0, 1, 2)] == ["0 frames", "1 frame", "2 frames"]


@pytest.mark.parametrize(
    ("length_mm", "words"),
    [(12.34, "line seen: 12.3 mm, -35 deg"), (None, "line seen: 61 px, -35 deg")],
)
def test_a_line_has_its_angle_and_its_length_as_far_as_it_is_seen(
    length_mm: float | None, words: str
) -> None:
    line = Line(
        ends_px=((60.0, 5.0), (10.0, 40.0)), angle_deg=-35.0, length_px=61.0, length_mm=length_mm
    )
    assert line_words(line) == words
    result = analysed(True, up=None)
    lined = dataclasses.replace(result.regions[0], line=line)
    assert words in picture_line("a.png", dataclasses.replace(result, regions=(lined,)))
