"""What teaches the reference network its scope: split by source, and without lesions."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest


@pytest.fixture
def augmentation(repository: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(repository / "examples/reference")
    monkeypatch.delitem(sys.modules, "augment", raising=False)
    import augment  # type: ignore[import-not-found]

    found: ModuleType = augment
    return found


def test_no_source_of_clips_serves_two_splits(repository: Path) -> None:
    clips = json.loads((repository / "examples/reference/out_of_scope.json").read_text())["clips"]
    splits: dict[str, set[str]] = {}
    for clip in clips:
        splits.setdefault(clip["group"], set()).add(clip["split"])
    assert all(len(found) == 1 for found in splits.values())
    assert {c["split"] for c in clips} == {"train", "val", "test"}
    assert {"lung", "bone", "prostate"} <= {c["kind"] for c in clips if c["split"] == "test"}
    assert len({c["file"] for c in clips}) == len(clips)


def test_a_part_without_the_lesion_shows_none_of_it(augmentation: ModuleType) -> None:
    pixels = np.full((256, 256), 100, np.uint8)
    mask = np.zeros_like(pixels)
    cv2.circle(mask, (80, 90), 30, 255, -1)
    pixels[mask > 0] = 255
    sides = set()
    for seed in range(40):
        part = augmentation.without_lesion(pixels, mask, np.random.default_rng(seed))
        assert part.shape == pixels.shape
        assert part.max() == 100
        sides.add(tuple(part.any(0)) + tuple(part.any(1)))
    assert len(sides) == 2  # right of it and below it; left and above there is too little
    mask[:] = 255
    assert augmentation.without_lesion(pixels, mask, np.random.default_rng(0)) is None


def test_matched_levels_have_the_other_frames_distribution(augmentation: ModuleType) -> None:
    rng = np.random.default_rng(0)
    one = rng.integers(1, 100, (128, 128), dtype=np.uint8)
    other = rng.integers(120, 250, (128, 128), dtype=np.uint8)
    one[:20] = 0
    out = augmentation.matched(one, other)
    assert (out[:20] == 0).all()
    wanted, got = (np.percentile(p[p > 0], [5, 50, 95]) for p in (other, out))
    assert np.abs(wanted - got).max() <= 3
    order = np.argsort(one[20:].ravel())
    assert (np.diff(out[20:].ravel()[order].astype(int)) >= 0).all()


def test_a_fan_hides_picture_and_mask_alike(augmentation: ModuleType) -> None:
    pixels = np.full((256, 256), 90, np.uint8)
    for seed in range(10):
        out, mask = augmentation.sector(pixels, pixels, np.random.default_rng(seed))
        assert (out == mask).all()
        assert 0.2 < (out > 0).mean() < 0.95
