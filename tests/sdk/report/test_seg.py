from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

hd = pytest.importorskip("highdicom", reason="needs the extra report")

from dicom_samples import discs, write_dicom  # noqa: E402
from report_samples import analysed, collection, ellipse, region_at  # noqa: E402
from sonoedge.report.findings import Findings  # noqa: E402
from sonoedge.report.seg import Mask, filled, masks_of, packed, segmentation  # noqa: E402
from sonoedge.report.source import read_source  # noqa: E402
from sonoedge.report.sr import structured_report  # noqa: E402
from validators import dciodvfy  # noqa: E402

Write = Callable[..., Path]


def found(frames: int, hw: tuple[int, int] = (120, 160)) -> Findings:
    """Two tracks; the second is not in every third frame."""
    taken = collection(frames)
    for frame in range(1, frames + 1):
        regions = [
            region_at(0, 0, 0.6, contour_px=ellipse(hw[1] // 2, hw[0] // 3, 5 + frame % 5, 4))
        ]
        if frame % 3:
            contour = ellipse(hw[1] // 2, 2 * hw[0] // 3, 6, 3 + frame % 4)
            regions.append(region_at(0, 0, 0.9, contour_px=contour, track_id=1))
        taken.add(frame, analysed(*regions))
    return taken.findings()


@pytest.mark.parametrize(("frames", "hw"), [(30, (120, 160)), (7, (33, 47)), (1, (33, 47))])
def test_every_mask_of_every_frame_comes_back_and_the_validator_finds_nothing(
    tmp_path: Path, written: Write, frames: int, hw: tuple[int, int]
) -> None:
    source = read_source(write_dicom(tmp_path / "a.dcm", discs(frames, hw=hw)))
    findings = found(frames, hw)
    masks = masks_of(findings, rows=hw[0], columns=hw[1])
    path = written(segmentation(source, findings, masks))
    assert dciodvfy(path) == []
    read = hd.seg.segread(path)
    uid = source.header.SOPInstanceUID
    if frames == 1:
        pixels = read.get_pixels_by_source_instance([uid], ignore_spatial_locations=True)
    else:
        pixels = read.get_pixels_by_source_frame(
            uid,
            range(1, frames + 1),
            ignore_spatial_locations=True,
            assert_missing_frames_are_empty=True,
        )
    assert pixels.shape == (frames, *hw, 2)
    for finding in findings.findings:
        seen = {outline.frame: outline.contour_px for outline in finding.outlines}
        for frame in range(1, frames + 1):
            expected = np.zeros(hw, dtype=np.uint8)
            if frame in seen:
                expected = filled(seen[frame], rows=hw[0], columns=hw[1])
            assert np.array_equal(pixels[frame - 1, ..., finding.number - 1], expected), frame


def test_segments_are_the_reports_tracks(cine: Path) -> None:
    source, findings = read_source(cine), found(30)
    segments = segmentation(
        source, findings, masks_of(findings, rows=120, columns=160)
    ).SegmentSequence
    assert [s.TrackingUID for s in segments] == [f.tracking_uid for f in findings.findings]
    text = str(structured_report(source, findings))
    assert all(finding.tracking_uid in text for finding in findings.findings)
    assert {s.SegmentAlgorithmType for s in segments} == {"AUTOMATIC"}


def test_bits_run_on_over_masks_of_an_odd_size() -> None:
    masks = [Mask(1, n, ellipse(10 + n, 12, 5, 4)) for n in range(1, 12)]
    data = packed(masks, rows=33, columns=47)
    assert len(data) % 2 == 0
    bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")[: 11 * 33 * 47]
    expected = [filled(mask.contour_px, rows=33, columns=47) for mask in masks]
    assert np.array_equal(bits.reshape(11, 33, 47), np.stack(expected))


def test_where_there_is_no_room_the_most_suspicious_frames_stay_and_the_rest_is_counted() -> None:
    taken = collection(4)
    for frame, suspicion in enumerate((0.6, 0.9, 0.7, 0.8), 1):
        taken.add(frame, analysed(region_at(50, 60, suspicion)))
    masks = masks_of(taken.findings(), rows=80, columns=100, most=2000)
    assert ([mask.frame for mask in masks.kept], masks.left_out) == ([2, 4], 2)


def test_no_place_in_space_is_made_up(cine: Path) -> None:
    findings = found(30)
    made = segmentation(read_source(cine), findings, masks_of(findings, rows=120, columns=160))
    for name in ("FrameOfReferenceUID", "PixelMeasuresSequence", "PlanePositionSequence"):
        assert name not in str(made)
