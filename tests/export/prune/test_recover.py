from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from sonoedge.errors import InvalidData, InvalidSettings
from sonoedge_export.graph.deploy import Answer
from sonoedge_export.graph.load_network import load_network
from sonoedge_export.prune.recover.augment import Epoch, augment
from sonoedge_export.prune.recover.frames import Prepared, prepare, read_split
from sonoedge_export.prune.recover.loop import learning_rate, recover
from sonoedge_export.prune.recover.losses import distillation_loss, label_loss
from sonoedge_export.prune.slim import digest
from sonoedge_export.recipe.prune import Recover
from sonoedge_export.recipe.recipe import Recipe, read_recipe


@pytest.fixture
def recipe(place: Path) -> Recipe:
    return read_recipe(place / "recipe.toml")


@pytest.fixture
def settings(recipe: Recipe) -> Recover:
    assert recipe.prune is not None
    assert recipe.prune.recover is not None
    return recipe.prune.recover


@pytest.fixture
def data(recipe: Recipe) -> Prepared:
    read = read_split(recipe.files.recovery, None, recipe.postprocess.labels)
    return prepare(recipe.input, recipe.postprocess, read)


def logits(mask: Tensor, malignant: float, label: int) -> dict[str, Tensor]:
    """What a network that knows the truth would answer."""
    frame = torch.full((1, 3), -5.0)
    frame[0, label] = 5.0
    return {"lesion": mask * 16 - 8, "malignancy": torch.full_like(mask, malignant), "frame": frame}


def test_only_the_split_asked_for_is_read(recipe: Recipe) -> None:
    files, labels = recipe.files.recovery, recipe.postprocess.labels
    [train], [check] = (read_split(files, s, labels) for s in ("train", "test"))
    assert {e.split for e in train} == {"train"}
    assert {e.split for e in check} == {"test"}
    assert len(train) + len(check) == 8


def test_a_label_that_the_recipe_does_not_name_is_refused(place: Path, recipe: Recipe) -> None:
    file = place / "frames" / "frames.json"
    file.write_text(file.read_text().replace('"benign"', '"cyst"', 1))
    with pytest.raises(InvalidData, match="'cyst'"):
        read_split(recipe.files.recovery, None, recipe.postprocess.labels)


def test_masks_are_resized_with_their_frames(data: Prepared) -> None:
    assert data.pixels.shape == data.masks.shape == (8, 32, 48)
    dark = data.pixels[1] < 80
    overlap = (dark & (data.masks[1] > 127)).sum() / (data.masks[1] > 127).sum()
    assert overlap > 0.9
    assert data.positive.tolist() == [False, True] * 3 + [False, False]


def test_the_same_seed_and_epoch_give_the_same_frames(data: Prepared) -> None:
    def samples(epoch: int) -> list[Tensor]:
        frames = Epoch(data, augment, epoch, seed=1)
        return [frames[i][0] for i in range(len(frames))]

    assert all(torch.equal(a, b) for a, b in zip(samples(0), samples(0), strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(samples(0), samples(1), strict=True))


def test_coarse_frames_are_three_quarters_in_multiples_of_32() -> None:
    pixels = np.zeros((1, 128, 192), np.uint8)
    data = Prepared(
        pixels=pixels, masks=pixels, labels=np.zeros(1, np.int64), positive=np.zeros(1, bool)
    )
    shown, mask, _, _ = Epoch(data, augment, 0, 1, coarse=True)[0]
    assert shown.shape == mask.shape == (1, 96, 128)


def test_the_truth_costs_least_and_every_error_costs_more(recipe: Recipe) -> None:
    answer = Answer(recipe.outputs)
    mask = torch.zeros(1, 1, 32, 48)
    mask[..., 8:24, 8:24] = 1
    label, positive = torch.tensor([2]), torch.tensor([True])

    def cost(found: Tensor, malignant: float, named: int) -> float:
        return float(label_loss(answer, logits(found, malignant, named), mask, label, positive))

    right = cost(mask, 4.0, 2)
    assert cost(mask.roll(8, -1), 4.0, 2) > right
    assert cost(mask, -4.0, 2) > right
    assert cost(mask, 4.0, 1) > right


def test_a_lesion_moved_out_of_sight_is_neither_graded_nor_named(recipe: Recipe) -> None:
    answer = Answer(recipe.outputs)
    empty = torch.zeros(1, 1, 32, 48)
    costs = {
        float(
            label_loss(
                answer, logits(empty, m, n), empty - 1, torch.tensor([2]), torch.tensor([True])
            )
        )
        for m in (-4.0, 4.0)
        for n in (0, 2)
    }
    assert len(costs) == 1


def test_the_teacher_costs_nothing_and_another_answer_does(recipe: Recipe) -> None:
    answer, mask = Answer(recipe.outputs), torch.zeros(1, 1, 32, 48)
    mask[..., 8:24, 8:24] = 1
    taught = logits(mask, 2.0, 2)
    assert float(distillation_loss(answer, taught, taught)) == pytest.approx(0, abs=1e-6)
    for other in (logits(mask.roll(8, -1), 2.0, 2), logits(mask, -2.0, 2), logits(mask, 2.0, 0)):
        assert float(distillation_loss(answer, other, taught)) > 0.01


def test_the_rate_rises_then_falls_to_nothing() -> None:
    rates = [learning_rate(p / 100, 1.0) for p in range(101)]
    assert max(rates) == pytest.approx(1.0)
    assert rates[0] < 0.1
    assert rates[-1] == pytest.approx(0.0, abs=1e-9)


def run(
    recipe: Recipe, settings: Recover, data: Prepared, folder: Path, **more: Any
) -> tuple[nn.Module, list[dict[str, float]]]:
    teacher = load_network(recipe)
    student = copy.deepcopy(teacher)
    with torch.no_grad():
        student.get_submodule("lesion").bias += 3.0  # type: ignore[operator]
    return recover(
        student=student,
        teacher=teacher,
        network=recipe.network,
        outputs=recipe.outputs,
        settings=settings,
        data=data,
        epochs=settings.epochs,
        folder=folder,
        **more,
    )


def test_recovery_brings_the_student_nearer_and_leaves_the_teacher(
    recipe: Recipe, settings: Recover, data: Prepared, tmp_path: Path
) -> None:
    checked = []

    def check(mean: nn.Module) -> dict[str, float]:
        checked.append(mean)
        return {"figure": 1.0}

    _, log = run(recipe, settings, data, tmp_path / "a", check=check)
    assert log[-1]["loss"] < log[0]["loss"]
    assert ("figure" in log[0], "figure" in log[-1]) == (False, True)  # check_every = 3
    assert len(checked) == 1


def test_a_recovery_that_was_killed_goes_on_to_the_same_weights(
    recipe: Recipe, settings: Recover, data: Prepared, tmp_path: Path
) -> None:
    whole, log = run(recipe, settings, data, tmp_path / "whole")

    def kill(done: int, of: int) -> None:
        if done == 5:  # in the third epoch, of two batches each
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(recipe, settings, data, tmp_path / "killed", progress=kill)
    said: list[str] = []
    again, relog = run(recipe, settings, data, tmp_path / "killed", say=said.append)
    assert said[0] == "  resumed after epoch 2"
    assert relog == log
    assert digest(again) == digest(whole)


@pytest.mark.parametrize("left", ["nothing", "half"])
def test_a_damaged_checkpoint_is_refused_with_a_remedy(
    left: str,
    recipe: Recipe,
    settings: Recover,
    data: Prepared,
    tmp_path: Path,
) -> None:
    run(recipe, settings, data, tmp_path / "step1")
    file = tmp_path / "step1" / "checkpoint.pt"
    contents = file.read_bytes()
    file.write_bytes(b"" if left == "nothing" else contents[: len(contents) // 2])
    with pytest.raises(InvalidSettings, match=r"step1/checkpoint\.pt .*; delete it, and the step"):
        run(recipe, settings, data, tmp_path / "step1")
