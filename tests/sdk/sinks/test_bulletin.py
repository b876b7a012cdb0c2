"""What peers are told of an analysis."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sonoedge.analysis import Analysed, NotAnalysed
from sonoedge.igtl.message import HEADER, header_from
from sonoedge.sinks.bulletin import Bulletin, bulletin, not_analysed


def parts(told: Bulletin) -> list[tuple[str, bytes]]:
    data, found = told.messages(1), []
    while data:
        header = header_from(data[: HEADER.size])
        end = HEADER.size + header.body_bytes
        found.append((header.type, data[HEADER.size : end]))
        data = data[end:]
    return found


def test_contours_are_millimetres_where_the_frame_had_a_spacing(
    analysed: Callable[..., Analysed],
) -> None:
    told = bulletin(analysed())
    assert told.contours[0].tolist() == [[5.0, 2.0, 0.0], [15.0, 2.0, 0.0], [15.0, 6.0, 0.0]]
    assert told.spacing_mm == pytest.approx((0.1, 0.5))


def test_contours_are_pixels_where_it_had_none(analysed: Callable[..., Analysed]) -> None:
    told = bulletin(analysed(spacing=False))
    assert told.contours[0][1].tolist() == [30.0, 20.0, 0.0]
    assert told.spacing_mm is None


@pytest.mark.req("R60")
def test_a_frame_that_was_not_analysed_never_reads_as_one_without_findings(
    analysed: Callable[..., Analysed], refused: NotAnalysed
) -> None:
    nothing, without = parts(bulletin(analysed(regions=0))), parts(bulletin(refused))
    assert nothing[0][1][:2] == b"\0\1"
    assert b"no region" in nothing[1][1]
    assert without[0][1][:2] == b"\0\x0d"
    assert b"NOT ANALYSED: CAPTURE_CLOCK_NOT_MONOTONIC, NO_CONTACT" in without[0][1]
    assert b"NOT ANALYSED" in without[1][1]
    # Empty in both, so that no contour of an earlier frame stays on the viewer's picture.
    assert nothing[2] == without[2] == ("POLYDATA", bytes(40))


def test_the_state_comes_before_the_contours(analysed: Callable[..., Analysed]) -> None:
    assert [kind for kind, _ in parts(bulletin(analysed()))] == ["STATUS", "STRING", "POLYDATA"]


def test_regions_beyond_the_bound_are_told(analysed: Callable[..., Analysed]) -> None:
    told = bulletin(analysed(regions=70))
    assert len(told.contours) == 64
    assert "6 more regions are not sent" in told.text


def test_a_picture_goes_along_where_there_is_one() -> None:
    told = not_analysed("STALE", "STALE")
    shown = Bulletin(code=1, name="a", text="b", pixels=np.zeros((2, 3), np.uint8))
    assert [kind for kind, _ in parts(told)][-1] == "POLYDATA"
    assert [kind for kind, _ in parts(shown)][-1] == "IMAGE"
