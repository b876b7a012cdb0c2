"""sources/formats/dicom_regions.py, on headers that are plain objects."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoedge.frames import FrameMeta
from sonoedge.sources.formats.dicom_regions import frame_meta, frame_times, study, tissue_regions


class Header(dict[str, Any]):
    """A dictionary whose keys are attributes too, as a DICOM data set's are."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


def region(box: tuple[int, int, int, int], **changes: Any) -> Header:
    """A tissue region from (left, top) to (right, bottom), all inclusive."""
    values = {
        "RegionSpatialFormat": 1,
        "RegionDataType": 1,
        "RegionLocationMinX0": box[0],
        "RegionLocationMinY0": box[1],
        "RegionLocationMaxX1": box[2],
        "RegionLocationMaxY1": box[3],
        "PhysicalUnitsXDirection": 3,
        "PhysicalUnitsYDirection": 3,
        "PhysicalDeltaX": 0.02,
        "PhysicalDeltaY": 0.03,
    }
    return Header({k: v for k, v in (values | changes).items() if v is not None})


def found(*regions: Header, **header: Any) -> Any:
    """The largest region, or None."""
    return next(iter(found_all(*regions, **header)), None)


def found_all(*regions: Header, **header: Any) -> Any:
    return tissue_regions(
        Header(SequenceOfUltrasoundRegions=list(regions), **header), width=100, height=80
    )


def test_spacing_is_rows_then_columns_in_millimetres() -> None:
    tissue = found(region((10, 20, 59, 69)))
    assert tissue.spacing_mm == pytest.approx((0.3, 0.2))
    assert tissue.roi_px == (10, 20, 60, 70)


def test_every_tissue_region_is_taken_the_largest_first() -> None:
    small, large = region((0, 0, 9, 9)), region((20, 0, 79, 79), PhysicalDeltaX=0.05)
    assert found_all(small, large) == found_all(large, small)
    assert [r.roi_px for r in found_all(small, large)] == [(20, 0, 80, 80), (0, 0, 10, 10)]
    assert found(small, large).spacing_mm == pytest.approx((0.3, 0.5))


def test_a_region_inside_another_one_shows_nothing_more() -> None:
    assert len(found_all(region((0, 0, 79, 79)), region((5, 5, 20, 20)))) == 1
    assert len(found_all(region((0, 0, 79, 79)), region((0, 0, 79, 79)))) == 1


@pytest.mark.parametrize(
    "changes", [{"RegionSpatialFormat": 2}, {"RegionDataType": 2}, {"RegionDataType": None}]
)
def test_regions_of_other_kinds_are_passed_over(changes: dict[str, Any]) -> None:
    assert found(region((0, 0, 99, 79), **changes)) is None
    assert found(region((0, 0, 99, 79), **changes), region((5, 5, 9, 9))).roi_px == (5, 5, 10, 10)


@pytest.mark.parametrize(
    "changes",
    [
        {"PhysicalUnitsXDirection": 4},
        {"PhysicalUnitsYDirection": None},
        {"PhysicalDeltaX": 0.0},
        {"PhysicalDeltaY": None},
        {"PhysicalDeltaY": float("nan")},
    ],
)
def test_without_lengths_the_region_has_a_place_and_no_spacing(changes: dict[str, Any]) -> None:
    tissue = found(region((0, 0, 9, 9), **changes))
    assert tissue.roi_px == (0, 0, 10, 10)
    assert tissue.spacing_mm is None


def test_a_direction_may_be_negative_and_a_spacing_may_not() -> None:
    assert found(region((0, 0, 9, 9), PhysicalDeltaY=-0.03)).spacing_mm == pytest.approx((0.3, 0.2))


def test_a_region_that_ends_one_pixel_late_is_clipped() -> None:
    assert found(region((0, 0, 100, 80))).roi_px == (0, 0, 100, 80)


@pytest.mark.parametrize("box", [(0, 0, 101, 79), (0, 0, 99, 81)])
def test_a_region_beyond_the_picture_says_that_the_table_is_of_another_picture(
    box: tuple[int, int, int, int],
) -> None:
    assert found(region(box)) is None
    assert found(region(box), region((0, 0, 9, 9))) is None


@pytest.mark.parametrize("box", [(9, 0, 3, 9), (0, 9, 9, 3), (-1, 0, 9, 9), (0, None, 9, 9)])
def test_a_region_without_a_place_is_passed_over(box: Any) -> None:
    assert found(region(box)) is None


@pytest.mark.parametrize("regions", [None, []])
def test_pixel_spacing_alone_gives_no_millimetres(regions: Any) -> None:
    header = Header(PixelSpacing=[0.2, 0.2], SequenceOfUltrasoundRegions=regions)
    assert tissue_regions(header, width=100, height=80) == ()


@given(
    boxes=st.lists(
        st.tuples(st.integers(0, 99), st.integers(0, 79), st.integers(0, 105), st.integers(0, 85)),
        max_size=4,
    )
)
def test_a_region_found_always_lies_within_the_picture(
    boxes: list[tuple[int, int, int, int]],
) -> None:
    tissue = found(*(region(box) for box in boxes))
    if tissue is not None:
        x0, y0, x1, y1 = tissue.roi_px
        assert 0 <= x0 < x1 <= 100
        assert 0 <= y0 < y1 <= 80


@pytest.mark.parametrize(
    ("header", "times"),
    [
        ({"FrameTime": "40"}, (0.0, 0.04, 0.08)),
        ({"FrameTimeVector": [0, 10, 30]}, (0.0, 0.01, 0.04)),
        ({"FrameTimeVector": [0, 10, 30], "FrameTime": 99}, (0.0, 0.01, 0.04)),
        ({"FrameTimeVector": [0, 10], "FrameTime": 50}, (0.0, 0.05, 0.1)),
        ({"FrameTimeVector": [0, 0, 0], "CineRate": 10}, (0.0, 0.1, 0.2)),
        ({"FrameTimeVector": [0, -10, 30]}, None),
        ({"CineRate": 20, "RecommendedDisplayFrameRate": 10}, (0.0, 0.05, 0.1)),
        ({"RecommendedDisplayFrameRate": 10}, (0.0, 0.1, 0.2)),
        ({"FrameTime": "0"}, None),
        ({"FrameTime": "nan"}, None),
        ({"FrameTime": None}, None),
        ({}, None),
    ],
)
def test_frame_times_are_what_the_header_says(header: dict[str, Any], times: Any) -> None:
    frames = frame_times(Header(header), 3)
    read = None if frames is None else tuple(frames.at_s(i) for i in range(3))
    assert read == (None if times is None else pytest.approx(times))


def test_a_single_frame_may_have_a_vector_of_one() -> None:
    frames = frame_times(Header(FrameTimeVector=0.0), 1)
    assert frames is not None
    assert frames.at_s(0) == 0.0
    assert frames.fps(1) is None


def test_a_header_that_claims_many_frames_costs_no_memory() -> None:
    frames = frame_times(Header(FrameTime="40"), 2**31 - 1)
    assert frames is not None
    assert frames.vector_s is None
    assert frames.fps(2**31 - 1) == pytest.approx(25)


def test_probe_and_depth_are_taken_where_they_are() -> None:
    header = Header(TransducerData=["C5-1", "UNUSED"], DepthOfScanField="110")
    assert frame_meta(header) == FrameMeta(probe="C5-1", depth_mm=110.0)
    assert frame_meta(Header(TransducerData="L12", DepthOfScanField=0)) == FrameMeta(probe="L12")
    assert frame_meta(Header()) == FrameMeta()


def test_a_study_is_a_digest_of_its_identifier_whatever_stands_there() -> None:
    one = study({"StudyInstanceUID": "1.2.3 "})
    assert one == study({"StudyInstanceUID": "1.2.3"}) != study({"StudyInstanceUID": "1.2.4"})
    assert study({}) is study({"StudyInstanceUID": ""}) is None
    assert len(study({"StudyInstanceUID": ["1.2", "\ud800"]}) or "") == 16
