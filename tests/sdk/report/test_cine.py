from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pydicom", reason="needs the extra dicom")

from dicom_samples import discs, region, write_dicom
from sonoedge.errors import SourceError
from sonoedge.report.cine import Cine


def test_frames_come_with_their_numbers_on_the_recordings_own_clock(cine: Path) -> None:
    with Cine(cine, frames=30) as opened:
        pictures = list(opened)
    assert [number for number, _ in pictures] == list(range(1, 31))
    times_ns = [frame.recorded_ns for _, frame in pictures]
    steps = set(np.diff(times_ns).tolist())
    assert steps == {40_000_000}
    assert (opened.followed, opened.passes, opened.fps) == (True, 1, pytest.approx(25.0))


def test_two_regions_give_each_frame_twice(tmp_path: Path) -> None:
    regions = [region(0, 0, 79, 119), region(80, 0, 159, 119)]
    path = write_dicom(tmp_path / "a.dcm", discs(3), SequenceOfUltrasoundRegions=regions)
    with Cine(path, frames=3) as opened:
        assert [number for number, _ in opened] == [1, 2, 3, 1, 2, 3]
        assert opened.passes == 2


def test_a_file_without_times_is_not_followed_unless_they_are_given(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "a.dcm", discs(3), FrameTime=None)
    with Cine(path, frames=3) as opened:
        assert (opened.followed, opened.fps) == (False, None)
        assert len(list(opened)) == 3
    with Cine(path, frames=3, fps=20) as opened:
        frames = [frame for _, frame in opened]
    assert opened.followed
    assert frames[2].recorded_ns - frames[0].recorded_ns == 100_000_000


def test_a_file_that_was_exchanged_is_refused(cine: Path) -> None:
    with pytest.raises(SourceError, match="changed while it was read"):
        Cine(cine, frames=31)


def test_a_file_that_ends_early_is_refused(cine: Path) -> None:
    cine.write_bytes(cine.read_bytes()[:-40_000])
    with Cine(cine, frames=30) as opened, pytest.raises(SourceError, match="is it complete"):
        list(opened)
