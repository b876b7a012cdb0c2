from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from sonoedge.bundle import read_bundle
from sonoedge.errors import SourceError
from sonoedge_bench.frame_set import frame_set


def folder(tmp_path: Path, many: int) -> str:
    rng = np.random.default_rng(0)
    for number in range(many):
        picture = rng.integers(0, 255, (30, 40), dtype=np.uint8)
        cv2.imwrite(str(tmp_path / f"{number}.png"), picture)
    return str(tmp_path)


def test_golden_frames_come_mirrored_too_and_none_follows_itself(tiny: Path) -> None:
    result = frame_set(read_bundle(tiny), None, (64, 48))
    assert len(result.frames) == 6
    assert result.sizes == ((64, 48),)
    order = [result.index(n) for n in range(3000)]
    assert all(a != b for a, b in pairwise(order))
    assert set(order) == set(range(6))


@pytest.mark.parametrize("every", range(2, 12))
def test_an_engine_that_takes_only_each_nth_still_sees_the_picture_change(
    tiny: Path, every: int
) -> None:
    result = frame_set(read_bundle(tiny), None, None)
    seen = [result.index(n) for n in range(0, 3000, every)]
    longest = run = 1
    for a, b in pairwise(seen):
        run = run + 1 if a == b else 1
        longest = max(longest, run)
    assert longest < 8


def test_a_source_keeps_its_order_and_one_picture_alone_is_mirrored(
    tiny: Path, tmp_path: Path
) -> None:
    bundle = read_bundle(tiny)
    result = frame_set(bundle, folder(tmp_path, 3), None)
    assert [result.index(n) for n in range(5)] == [0, 1, 2, 0, 1]
    (tmp_path / "one").mkdir()
    alone = frame_set(bundle, folder(tmp_path / "one", 1), None)
    assert np.array_equal(alone.frames[1].pixels, alone.frames[0].pixels[:, ::-1])


def test_equal_frames_in_equal_order_have_equal_digests(tiny: Path, tmp_path: Path) -> None:
    bundle = read_bundle(tiny)
    assert frame_set(bundle, None, None).sha256 == frame_set(bundle, None, None).sha256
    assert frame_set(bundle, None, None).sha256 != frame_set(bundle, None, (64, 48)).sha256


def test_spacing_and_region_shrink_with_the_picture(tiny: Path, tmp_path: Path) -> None:
    sitk = pytest.importorskip("SimpleITK", reason="needs SimpleITK")
    image = sitk.GetImageFromArray(np.full((3, 40, 60), 90, np.uint8))
    image.SetSpacing((0.2, 0.4, 1.0))
    sitk.WriteImage(image, str(tmp_path / "a.mha"))
    result = frame_set(read_bundle(tiny), str(tmp_path / "a.mha"), (30, 40))
    rows, columns = result.frames[0].spacing_mm or (0.0, 0.0)
    assert (rows, columns) == pytest.approx((0.4, 0.4))


def test_a_source_that_gives_no_frame_is_refused(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        frame_set(read_bundle(tiny), str(tmp_path), None)
