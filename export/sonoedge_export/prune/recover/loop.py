"""The built-in recovery: seeded, resumable, on a GPU or in bfloat16 where there is one."""

from __future__ import annotations

import contextlib
import copy
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from sonoedge.device.cpu import has_bf16
from sonoedge.errors import InvalidNetwork, InvalidSettings
from sonoedge_export.graph.deploy import Answer, Scale
from sonoedge_export.progress import Progress
from sonoedge_export.prune.recover.augment import Augment, Epoch, augment
from sonoedge_export.prune.recover.fake_quant import fake_quantized
from sonoedge_export.prune.recover.frames import Prepared
from sonoedge_export.prune.recover.losses import distillation_loss, label_loss
from sonoedge_export.recipe.network import Network
from sonoedge_export.recipe.outputs import Outputs
from sonoedge_export.recipe.prune import Recover

Row = dict[str, float]
Check = Callable[[nn.Module], Row]


def recover(  # noqa: PLR0913 - what a loop of the user's own is called with, by name
    *,
    student: nn.Module,
    teacher: nn.Module,
    network: Network,
    outputs: Outputs,
    settings: Recover,
    data: Prepared,
    epochs: int,
    folder: Path,
    augment: Augment = augment,
    check: Check | None = None,
    progress: Progress = lambda fraction, of: None,
    say: Callable[[str], None] = lambda line: None,
) -> tuple[nn.Module, list[Row]]:
    """Train the student; a second call with the same folder goes on after the last epoch.

    Args:
        network, outputs: how the recipe scales the input and reads the answers.
        epochs: of this step.
        folder: for the checkpoint.
        augment: changes a frame and its mask.
        check: figures of a network, every `check_every` epochs and after the last.

    Returns:
        An exponential mean of the student's weights over the training, and the log.

    Raises:
        InvalidNetwork: the loss is no number.
        InvalidSettings: the checkpoint is damaged, or another network's.
    """
    cv2.setNumThreads(1)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    net = _channels_last(student).to(device)
    teacher = _channels_last(copy.deepcopy(teacher)).to(device).eval()
    mean = copy.deepcopy(net)
    optimizer = torch.optim.AdamW(_groups(net, settings.weight_decay), lr=settings.lr)
    scale, answer = Scale(network), Answer(outputs)
    half = device.type != "cpu" or has_bf16()
    log = _resume(folder / "checkpoint.pt", device, net, mean, optimizer)
    if log:
        say(f"  resumed after epoch {len(log)}")
    rounding = fake_quantized(net) if settings.quantization_aware else contextlib.nullcontext()
    with rounding:
        for epoch in range(len(log), epochs):
            torch.manual_seed(settings.seed * 1000 + epoch)
            shown = Epoch(data, augment, epoch, settings.seed, coarse=epoch < settings.coarse)
            batches = DataLoader(
                shown,
                settings.batch,
                num_workers=settings.workers,
                drop_last=len(data) >= settings.batch,
            )
            losses: list[float] = []
            net.train()
            for number, (pixels, mask, label, positive) in enumerate(batches):
                fraction = (epoch + number / len(batches)) / epochs
                for group in optimizer.param_groups:
                    group["lr"] = learning_rate(fraction, settings.lr)
                x = scale(pixels.to(device)).contiguous(memory_format=torch.channels_last)
                with torch.autocast(device.type, dtype=torch.bfloat16, enabled=half):
                    raw = net(x)
                    with torch.no_grad():
                        teacher_raw = teacher(x)
                truth = _visible(mask, label, data, shown, number * settings.batch).to(device)
                label, positive = label.to(device), positive.to(device)
                value = settings.labels * label_loss(answer, raw, truth, label, positive)
                value = value + settings.distil * distillation_loss(answer, raw, teacher_raw)
                optimizer.zero_grad(set_to_none=True)
                value.backward()  # type: ignore[no-untyped-call]
                torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
                optimizer.step()
                _follow(mean, net, epoch * len(batches) + number)
                losses.append(value.item())
                progress(epoch * len(batches) + number + 1, epochs * len(batches))
            row: Row = {"epoch": epoch + 1, "loss": sum(losses) / len(losses)}
            if not math.isfinite(row["loss"]):
                raise InvalidNetwork(f"recovery diverged in epoch {epoch + 1}; lower recover.lr")
            if check is not None and (
                (epoch + 1) % settings.check_every == 0 or epoch + 1 == epochs
            ):
                row |= check(copy.deepcopy(mean).cpu())
            log.append(row)
            say("  " + "  ".join(f"{k} {v:.4g}" for k, v in row.items()))
            _save(folder / "checkpoint.pt", net, mean, optimizer, log)
    return mean.cpu().eval(), log


def learning_rate(progress: float, peak: float) -> float:
    """Linear warm-up over 5 %, then a half cosine to zero (Loshchilov and Hutter 2017)."""
    if progress < 0.05:
        return peak * (0.05 + 0.95 * progress / 0.05)
    return peak * 0.5 * (1 + math.cos(math.pi * (progress - 0.05) / 0.95))


def _channels_last(network: nn.Module) -> nn.Module:
    """The same network, its weights laid out as CPUs take them faster."""
    return network.to(memory_format=torch.channels_last)  # type: ignore[no-any-return, call-overload]


def _groups(net: nn.Module, decay: float) -> list[dict[str, Any]]:
    matrices = [p for p in net.parameters() if p.ndim > 1]
    vectors = [p for p in net.parameters() if p.ndim <= 1]
    return [{"params": matrices, "weight_decay": decay}, {"params": vectors, "weight_decay": 0.0}]


def _visible(mask: Tensor, label: Tensor, data: Prepared, shown: Epoch, first: int) -> Tensor:
    """Masks in [0, 1]; -1 all over where the augmentation moved the lesion out of sight."""
    truth = mask.float() / 255
    has_lesion = [bool(data.masks[shown.order[first + i]].any()) for i in range(len(label))]
    hidden = torch.tensor(has_lesion) & (truth.sum((1, 2, 3)) < 16)
    truth[hidden] = -1
    return truth


@torch.no_grad()
def _follow(mean: nn.Module, net: nn.Module, step: int) -> None:
    """The mean moves towards the weights, slower as training goes on."""
    momentum = min(0.998, (1 + step) / (10 + step))
    for a, b in zip(mean.state_dict().values(), net.state_dict().values(), strict=True):
        if a.is_floating_point():
            a.lerp_(b, 1 - momentum)
        else:
            a.copy_(b)


def _save(
    file: Path, net: nn.Module, mean: nn.Module, optimizer: torch.optim.Optimizer, log: list[Row]
) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    state = {"net": net.state_dict(), "mean": mean.state_dict()}
    torch.save(state | {"optimizer": optimizer.state_dict(), "log": log}, new)
    new.replace(file)


def _resume(
    file: Path,
    device: torch.device,
    net: nn.Module,
    mean: nn.Module,
    optimizer: torch.optim.Optimizer,
) -> list[Row]:
    if not file.is_file():
        return []
    try:
        state = torch.load(file, weights_only=True, map_location=device)
        net.load_state_dict(state["net"])
        mean.load_state_dict(state["mean"])
        optimizer.load_state_dict(state["optimizer"])
        return list(state["log"])
    except Exception as error:  # damaged files raise a dozen classes, EOFError among them
        raise InvalidSettings(
            f"the recovery cannot go on from {file} ({type(error).__name__}); delete it, and the "
            "step is recovered from its beginning"
        ) from error
