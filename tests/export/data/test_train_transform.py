from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from sonoedge.errors import InvalidData, InvalidSettings
from sonoedge.processing.preprocess import Preprocess, PreprocessSpec
from sonoedge_export.data.labelled import Labelled, read_labelled
from sonoedge_export.data.train_transform import compare_transform, load_transform

Pixels = npt.NDArray[np.uint8]
SPEC = PreprocessSpec(height=64, width=96, resize="stretch")


@pytest.fixture
def data(workplace: Path) -> Labelled:
    return read_labelled(workplace / "frames" / "frames.json")


def device(pixels: Pixels) -> npt.NDArray[np.float64]:
    return Preprocess(SPEC)(pixels)[0].astype(float)


def test_the_same_preprocessing_with_another_scale_is_alike(data: Labelled) -> None:
    found = compare_transform(SPEC, lambda p: (device(p) - 30) / 55, data)
    assert found.differs is None
    assert found.gain == pytest.approx(1 / 55)
    assert found.offset == pytest.approx(-30 / 55)
    assert found.max_levels == pytest.approx(0, abs=1e-6)


def test_three_channels_alike_are_taken_as_one(data: Labelled) -> None:
    assert compare_transform(SPEC, lambda p: np.repeat(device(p)[0], 3, 0), data).differs is None


def test_another_interpolation_is_told_in_grey_levels(data: Labelled) -> None:
    def nearest(pixels: Pixels) -> Pixels:
        return np.asarray(cv2.resize(pixels, (96, 64), interpolation=cv2.INTER_NEAREST), np.uint8)

    found = compare_transform(SPEC, nearest, data)
    assert found.mean_levels > 1
    assert "grey levels apart" in str(found.differs)


def test_a_flipped_picture_is_told(data: Labelled) -> None:
    assert compare_transform(SPEC, lambda p: device(p)[..., ::-1], data).differs is not None


def test_scaling_by_the_pictures_content_is_told(data: Labelled) -> None:
    def stretched(pixels: Pixels) -> npt.NDArray[np.float64]:
        x = device(pixels)
        return (x - x.mean()) / x.std()

    found = compare_transform(SPEC, stretched, data)
    assert "scales by the picture's content" in str(found.differs)


def test_another_size_is_refused(data: Labelled) -> None:
    with pytest.raises(InvalidData, match=r"gives \(120, 160\).*input is \(64, 96\)"):
        compare_transform(SPEC, lambda p: p, data)
    with pytest.raises(InvalidData, match="the same for every grey level"):
        compare_transform(SPEC, lambda p: np.zeros((64, 96)), data)


def test_a_transform_is_found_by_its_name(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (workplace / "my_training.py").write_text("def transform(pixels):\n    return pixels * 2\n")
    monkeypatch.chdir(workplace)
    assert load_transform("my_training:transform")(3) == 6  # type: ignore[arg-type]
    for wrong in ("my_training", "nowhere:transform", "my_training:nothing"):
        with pytest.raises(InvalidSettings, match="--train-transform"):
            load_transform(wrong)
