"""Frames in another scanner's shading, and with another patient's lesion."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch")


@pytest.fixture
def appearance(reference: Path) -> Any:
    import appearance  # type: ignore[import-not-found]

    return appearance


def tissue(seed: int, low: int = 60, high: int = 140) -> np.ndarray:
    """Speckle, letterboxed: 20 black rows above and below."""
    pixels = np.zeros((128, 128), np.uint8)
    pixels[20:108] = np.random.default_rng(seed).integers(low, high, (88, 128))
    return pixels


def disc(centre: tuple[int, int] = (64, 64), radius: int = 14) -> np.ndarray:
    mask = np.zeros((128, 128), np.uint8)
    return cv2.circle(mask, centre, radius, 255, -1)


def test_a_frame_takes_the_other_ones_shading_and_keeps_its_own_structure(appearance: Any) -> None:
    own = tissue(1)
    own[60:64, 60:64] = 255
    other = tissue(2)
    other[20:64] //= 3  # dark above, as after another depth gain
    before = own[20:64].mean() / own[64:108].mean()
    for seed in range(10):
        out = appearance.exchanged(own, other, np.random.default_rng(seed))
        again = appearance.exchanged(own, other, np.random.default_rng(seed))
        assert (out == again).all()
        assert (out[own == 0] == 0).all()
        assert abs(out[20:108].mean() - own[20:108].mean()) > 5  # the mean is the lowest of all
        fine = [x[30:100, 10:118].astype(float) for x in (own, out)]
        fine = [x - cv2.GaussianBlur(x, (0, 0), 2) for x in fine]
        assert np.corrcoef(fine[0].ravel(), fine[1].ravel())[0, 1] > 0.9
    assert before == pytest.approx(1, abs=0.02)


def test_padding_alone_is_left_as_it_is(appearance: Any) -> None:
    nothing, frame = np.zeros((128, 128), np.uint8), tissue(1)
    rng = np.random.default_rng(0)
    assert (appearance.exchanged(nothing, frame, rng) == nothing).all()
    assert (appearance.exchanged(frame, nothing, rng) == frame).all()
    assert appearance.pasted(nothing, frame, disc(), rng) is None
    assert appearance.pasted(frame, frame, nothing, rng) is None


def test_a_pasted_lesion_is_where_its_mask_says_and_the_rest_of_the_frame_is_untouched(
    appearance: Any,
) -> None:
    normal, donor, mask = tissue(1), tissue(2), disc()
    donor[mask > 0] //= 4
    places = set()
    for seed in range(30):
        whole = appearance.pasted(normal, donor, mask, np.random.default_rng(seed))
        assert whole is not None
        pixels, truth = whole
        inside = truth > 127
        assert pixels.dtype == truth.dtype == np.uint8
        assert 0.3 < inside.sum() / (mask > 0).sum() < 1.8
        assert not inside[:20].any()
        assert not inside[108:].any()
        far = cv2.dilate(truth, np.ones((41, 41), np.uint8)) == 0
        assert (pixels[far] == normal[far]).all()
        assert pixels[inside].mean() < 0.75 * normal[20:108].mean()
        edge = (cv2.dilate(truth, np.ones((3, 3), np.uint8)) > 0) & ~inside
        assert pixels[inside].mean() < pixels[edge].mean()
        places.add(tuple(np.argwhere(inside).mean(0).astype(int)))
    assert len(places) > 20


def test_a_lesion_too_large_for_the_frame_is_not_pasted(appearance: Any) -> None:
    donor = np.full((128, 128), 90, np.uint8)
    narrow = np.zeros((128, 128), np.uint8)
    narrow[:, 30:90] = 90
    large = np.zeros((128, 128), np.uint8)
    large[4:124, 4:124] = 255
    for seed in range(10):
        assert appearance.pasted(narrow, donor, large, np.random.default_rng(seed)) is None


def test_a_normal_frame_with_a_pasted_lesion_teaches_its_outline_and_no_grade(
    reference: Path, tmp_path: Path
) -> None:
    from augment import Changes  # type: ignore[import-not-found]
    from frames import Prepared  # type: ignore[import-not-found]
    from sampling import Augmented  # type: ignore[import-not-found]

    donor = tissue(2)
    donor[disc() > 0] //= 4
    data = Prepared(
        pixels=np.stack([tissue(1), donor]),
        masks=np.stack([np.zeros((128, 128), np.uint8), disc()]),
        labels=np.array([0, 2]),
        sets=np.zeros(2, int),
        patients=np.arange(2),
        masks_only=np.zeros(2, bool),
    )
    never, always = (
        [label for epoch in range(20) for _, _, label in each(Augmented, data, epoch, changes)]
        for changes in (Changes(), Changes(paste=1.0))
    )
    assert set(never) == {0, 2}
    assert set(always) == {-1, 2}
    for epoch in range(5):
        for _, mask, label in each(Augmented, data, epoch, Changes(paste=1.0)):
            assert label == 2 or mask.any()


def each(kind: Any, data: Any, epoch: int, changes: Any) -> list[Any]:
    frames = kind(data, 128, epoch, 1, changes)
    return [frames[n] for n in range(len(frames))]


def test_frames_are_changed_as_often_as_is_said(reference: Path) -> None:
    from augment import Changes, augment  # type: ignore[import-not-found]

    pixels, mask, other = tissue(1), disc(), tissue(2, 10, 40)

    def changed(changes: Any) -> list[bytes]:
        return [
            augment(pixels, mask, np.random.default_rng(n), other, changes=changes)[0].tobytes()
            for n in range(60)
        ]

    usual = changed(Changes())
    assert usual == [
        augment(pixels, mask, np.random.default_rng(n), other)[0].tobytes() for n in range(60)
    ]
    for changes in (Changes(tone=0.0), Changes(exchange=1.0)):
        different = sum(a != b for a, b in zip(usual, changed(changes), strict=True))
        assert 40 < different < 60  # one frame in ten is left as it was taken
