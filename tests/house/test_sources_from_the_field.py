"""Files from the field that were once read wrongly or refused: each folder says what is right.

The folders are no part of the repository; where they are absent this is skipped. The other
folders, networks and recipes, are in `test_cases_from_the_field`.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import sonoedge
from sonoedge import Analysed, Frame, NotAnalysed
from sonoedge.errors import SourceError
from sonoedge.sources import open_source
from sonoedge_export.lint import lint

ROOT = Path(__file__).parents[2]
CASES = Path(os.environ.get("SONOEDGE_CASES", ROOT.parent / "shared" / "cases"))
TINY = ROOT / "tests" / "data" / "tiny"

pytestmark = pytest.mark.skipif(
    not CASES.is_dir(), reason="the cases are absent; set SONOEDGE_CASES to their folder"
)


def case(name: str) -> Path:
    """A file, by the number of its folder and its own name."""
    number, _, file = name.partition("/")
    (folder,) = CASES.glob(f"{number}-*")
    return folder / file


def frames(name: str) -> list[Frame]:
    with open_source(case(name)) as source:
        return list(source)


def refusal(name: str) -> str:
    with pytest.raises(SourceError) as refused:
        frames(name)
    return str(refused.value)


@pytest.mark.parametrize("name", ["interlaced.mpg", "interlaced_h264.mp4"])
def test_04_interlaced_video_is_right_or_refused_by_that_name(name: str) -> None:
    read, message = [], ""
    try:
        read = frames(f"04/{name}")
    except SourceError as error:
        message = str(error)
    assert len(read) == 20 or f"{name} is interlaced" in message
    for frame in read:  # the bar at the top left, well within its edges
        assert frame.pixels[2:4, 4:26].min() > 200


@pytest.mark.parametrize("name", ["08/pal16.dcm", "08/pal_be.dcm", "18/rgb_no_pc.dcm"])
def test_08_colours_are_those_of_the_palette(name: str) -> None:
    (frame,) = frames(name)
    blue, green, red = (frame.pixels[..., c].astype(float) for c in range(3))
    assert red.max() == 250
    assert np.abs(green - 0.7 * red).max() <= 1
    assert np.abs(blue - 0.3 * red).max() <= 1


@pytest.mark.parametrize(("name", "bits"), [("stored4.dcm", 4), ("stored7.dcm", 7)])
def test_09_stored_bits_fill_the_range(name: str, bits: int) -> None:
    (frame,) = frames(f"09/{name}")
    scale = 255 / (2**bits - 1)
    levels = np.unique(frame.pixels).astype(float)
    assert np.abs(levels - (levels / scale).round() * scale).max() <= 0.5
    assert levels.max() > 250
    assert "it is a mask" in refusal("09/stored1.dcm")


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("10/alloc16_stored8.dcm", 1),
        ("10/alloc16_stored8_mf.dcm", 2),
        ("10/deflated.dcm", 1),
        ("10/deflated_mf.dcm", 2),
        ("18/no_preamble.dcm", 1),
    ],
)
def test_10_the_grey_picture_is_read_from_every_form(name: str, count: int) -> None:
    first, *others = frames(name)
    assert len(others) == count - 1
    assert first.spacing_mm == (0.3, 0.2)
    assert (first.pixels[:4, :12] == 250).all()
    assert np.abs(first.pixels[60] - (20 + 1.5 * np.arange(96))).max() <= 0.5
    assert first.pixels[30, 40] > first.pixels[60, 40] + 50  # the bright spot


def test_11_both_pictures_of_a_dual_screen_are_looked_at() -> None:
    places = [(frame.roi_px, frame.spacing_mm) for frame in frames("11/dual_bmode.dcm")]
    assert places == [((2, 4, 46, 61), (0.2, 0.2)), ((50, 4, 94, 61), (0.1, 0.1))]


def test_12_a_trimmed_video_is_complete() -> None:
    with open_source(case("12/trim_editlist.mp4")) as source:
        assert (source.count, source.fps, len(list(source))) == (15, 25.0, 15)


@pytest.mark.parametrize(
    ("name", "uid"),
    [("ge_private_ts.dcm", "1.2.840.113619.5.2"), ("jxl.dcm", "1.2.840.10008.1.2.4.110")],
)
def test_18_a_transfer_syntax_is_named_with_the_remedy(name: str, uid: str) -> None:
    message = refusal(f"18/{name}")
    assert f"{name} has transfer syntax {uid}, which is not read" in message
    assert "convert it to Explicit VR Little Endian" in message


def test_19_frames_that_the_recorder_marked_are_not_analysed() -> None:
    with sonoedge.open(TINY) as analyser:
        outcomes = [analyser.analyse(frame) for frame in frames("19/plus_invalid.mha")]
    invalid = [n for n, x in enumerate(outcomes) if isinstance(x, NotAnalysed)]
    assert invalid == [2, 3]
    for n in invalid:
        assert [str(reason.value) for reason in outcomes[n].reasons] == ["FRAME_INVALID"]


def test_21_a_round_lesion_is_one_whatever_its_pixels() -> None:
    answers = []
    with sonoedge.open(TINY) as analyser:
        for name in ("round.mha", "wide_pixels.mha"):
            (frame,) = frames(f"21/{name}")
            answer = analyser.analyse(frame)
            assert isinstance(answer, Analysed)
            answers.append(answer)
    square, wide = answers
    assert square.flagged == wide.flagged
    assert abs(square.suspicion - wide.suspicion) < 0.02
    areas = [max(r.area_mm2 for r in a.regions) for a in answers]
    assert areas[0] == pytest.approx(areas[1], rel=0.05)


def test_24_small_tiles_and_branches_are_read() -> None:
    (frame,) = frames("24/tile16.tif")
    assert (frame.pixels[:, :256] == np.arange(256)).all()
    assert not lint(case("24/if_const.onnx").read_bytes()).errors
