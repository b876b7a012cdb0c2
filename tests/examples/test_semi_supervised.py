"""Synthetic frames and pseudo-labels, as train.py takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch")
import torch

from sonoedge.errors import InvalidData, InvalidSettings

from .test_sampling import dataset, prepared


def test_a_phantoms_speckle_is_rayleigh_distributed(reference: Path) -> None:
    from phantom import envelope  # type: ignore[import-not-found]

    echoes = envelope(np.zeros((256, 256), np.float32), np.random.default_rng(0))
    middle = echoes[70:120, 20:-20]  # of one band of depth
    assert middle.mean() / middle.std() == pytest.approx(1.913, abs=0.15)  # sqrt(pi / (4 - pi))


def test_a_phantom_shows_a_darker_lesion_where_its_mask_is(reference: Path) -> None:
    import cv2

    from phantom import phantom

    darker = []
    for seed in range(20):
        pixels, mask = phantom(128, np.random.default_rng(seed))
        assert pixels.shape == mask.shape == (128, 128)
        assert pixels.dtype == mask.dtype == np.uint8
        assert set(np.unique(mask)) == {0, 255}
        assert 0.003 < (mask > 0).mean() < 0.35
        around = (cv2.dilate(mask, np.ones((13, 13), np.uint8)) > 0) & (mask == 0)
        darker.append(float(pixels[around].mean()) - float(pixels[mask > 0].mean()))
    assert np.mean(darker) > 20
    again = phantom(128, np.random.default_rng(3))
    assert (again[0] == phantom(128, np.random.default_rng(3))[0]).all()


def test_synthetic_frames_are_drawn_as_often_as_asked(reference: Path, tmp_path: Path) -> None:
    from augment import Changes  # type: ignore[import-not-found]
    from sampling import Augmented  # type: ignore[import-not-found]

    data = prepared(tmp_path)
    all_of_them = Augmented(data, 64, 0, 1, Changes(synthetic=1.0))
    pixels, _, label = all_of_them[0]
    assert label in (-1, 0)  # 0: cropped to a part without the lesion
    assert pixels.float().std() > 10
    none, left_out = Augmented(data, 64, 0, 1, Changes()), Augmented(data, 64, 0, 1)
    assert all((none[n][0] == left_out[n][0]).all() for n in range(4))


def test_a_checkpoint_of_a_training_without_synthetic_frames_stays_what_it_was(
    reference: Path,
) -> None:
    from augment import Changes
    from train import told  # type: ignore[import-not-found]

    assert "synthetic" not in told(Changes())
    assert told(Changes(synthetic=0.1))["synthetic"] == 0.1


def test_a_frame_is_labelled_where_the_teachers_are_sure_and_else_left_out(
    reference: Path,
) -> None:
    from pseudo import label  # type: ignore[import-not-found]

    empty = np.full((64, 64), 0.05, np.float32)
    mask, grade = label(empty)
    assert (mask.any(), grade) == (False, 0)
    sure = empty.copy()
    sure[20:40, 20:40] = 0.97
    mask, grade = label(sure)
    assert ((mask > 0).sum(), grade) == (400, -1)
    for doubtful in (0.3, 0.6):
        unsure = empty.copy()
        unsure[20:40, 20:40] = doubtful
        assert label(unsure) is None
    speck = sure.copy()
    speck[50:53, 50:53] = 0.9
    assert label(speck) is None


class Bright(torch.nn.Module):  # type: ignore[misc]
    """A teacher who takes what is bright for a lesion; frames of one mean it never saw."""

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        half = torch.nn.functional.avg_pool2d(x, 2)
        away = 9.0 * (x.mean() > 0.7).float()
        frame = torch.stack([torch.zeros(()), torch.zeros(()), torch.zeros(()), away])[None]
        return {"lesion": (half - 0.2) * 40, "malignancy": half, "frame": frame}


def frames(reference: Path, tmp_path: Path) -> Any:
    from pseudo import prepare_unlabelled

    rows: list[dict[str, Any]] = [{"label": None, "patient": f"p{n // 2}"} for n in range(4)]
    return prepare_unlabelled([dataset(tmp_path / "more", rows)], 64)


def test_pseudo_labels_come_from_the_pictures_alone_and_get_patients_of_their_own(
    reference: Path, tmp_path: Path
) -> None:
    from frames import together  # type: ignore[import-not-found]
    from pseudo import beside, pseudo_labelled

    unlabelled = frames(reference, tmp_path)
    assert not unlabelled.masks.any()
    unlabelled.pixels[1, 10:30, 10:30] = 250  # a lesion; the others have none
    unlabelled.pixels[2] = 250  # no breast
    sure = pseudo_labelled(unlabelled, Bright(), torch.device("cpu"))
    assert sure.labels.tolist() == [0, -1, 0]
    assert (sure.masks[1, 12:28, 12:28] == 255).all()
    assert not sure.masks[[0, 2]].any()
    train = prepared(tmp_path)
    both = together(train, beside(train, sure))
    assert len(both) == len(train) + 3
    assert set(both.sets[len(train) :]) == {3}
    assert not set(both.patients[len(train) :]) & set(train.patients)
    assert both.masks_only[len(train) :].all()


def test_teachers_who_are_sure_of_nothing_are_an_error(reference: Path, tmp_path: Path) -> None:
    from pseudo import pseudo_labelled

    unlabelled = frames(reference, tmp_path)
    unlabelled.pixels[:] = 153  # right at the teacher's threshold
    with pytest.raises(InvalidData, match="sure of none of 4"):
        pseudo_labelled(unlabelled, Bright(), torch.device("cpu"))


def test_unlabelled_frames_need_teachers(reference: Path, tmp_path: Path) -> None:
    from arguments import parser  # type: ignore[import-not-found]
    from train import check

    words = ["--data", "a", "--out", "b", "--unlabelled", "c"]
    with pytest.raises(InvalidSettings, match="--unlabelled needs --teachers"):
        check(parser("").parse_args(words))
    check(parser("").parse_args([*words, "--teachers", "t.safetensors", "--synthetic", "0.1"]))
