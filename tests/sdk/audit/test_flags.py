from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sonoedge.analysis import Analysed, FrameGrade, Origin, Region
from sonoedge.audit.flags import Flags

ORIGIN = Origin(bundle_id="b", engine_sha256="", runtime="r", precision="p", variant="v")


def region(track: int | None, *, up: bool = False, flagged: bool = True) -> Region:
    return Region(
        contour_px=np.zeros((4, 2), np.int32),
        box_px=(0, 0, 1, 1),
        area_px=1.0,
        area_mm2=None,
        box_mm=None,
        suspicion=0.9,
        class_probs={},
        flagged=flagged,
        track_id=track,
        track_flagged=up,
    )


def analysed(*regions: Region, flag: bool | None, frame: int = 0, stream: str = "main") -> Analysed:
    return Analysed(
        frame_id=frame,
        captured_ns=0,
        age_ms=1.0,
        stages_ms={},
        origin=ORIGIN,
        regions=regions,
        class_probs={},
        temporal_flag=flag,
        stream=stream,
    )


def raised(flags: Flags, analysis: Analysed) -> list[tuple[str, Mapping[str, Any]]]:
    return list(flags.raised(analysis))


def test_a_track_is_told_once_for_as_long_as_its_flag_is_up() -> None:
    flags = Flags()
    assert raised(flags, analysed(region(3), flag=False)) == []
    up = analysed(region(3, up=True), region(4), flag=True, frame=8)
    assert raised(flags, up) == [
        ("flag", {"stream": 0, "frame": 8, "track": 3, "regions": 2})
    ]  # fmt: skip
    assert raised(flags, up) == []
    both = analysed(region(3, up=True), region(4, up=True), flag=True)
    assert [values["track"] for _, values in raised(flags, both)] == [4]
    assert raised(flags, analysed(flag=False)) == []
    assert len(raised(flags, up)) == 1


def test_streams_are_numbers() -> None:
    flags = Flags()
    for stream in ("Doe^Jane", "probe 2"):
        one = raised(flags, analysed(region(1, up=True), flag=True, stream=stream))
        assert "Doe" not in str(one)
    assert one[0][1]["stream"] == 1


def test_where_nothing_tracks_a_frames_flag_is_told_when_it_goes_up() -> None:
    flags = Flags()
    up, down = analysed(region(None), flag=None), analysed(flag=None)
    told = [len(raised(flags, a)) for a in (up, up, down, up)]
    assert told == [1, 0, 0, 1]
    assert raised(Flags(), up) == [("frame_flag", {"stream": 0, "frame": 0, "regions": 1})]


def test_a_frame_that_is_graded_as_a_whole_is_told_by_its_temporal_flag() -> None:
    grade = Analysed(
        frame_id=5,
        captured_ns=0,
        age_ms=1.0,
        stages_ms={},
        origin=ORIGIN,
        regions=(),
        class_probs={},
        temporal_flag=True,
        grade=FrameGrade(suspicion=0.9, flagged=True),
    )
    flags = Flags()
    assert raised(flags, grade) == [("frame_flag", {"stream": 0, "frame": 5, "regions": 0})]
    assert raised(flags, grade) == []
