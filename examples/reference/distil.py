"""Train wide teachers, then LesionNet from them and the labels: on a GPU, in minutes.

    python distil.py --data BUSI BUSBRA --others FOLDER --out build/distilled

The teachers are networks of twice the width from other seeds. LesionNet learns the labels and
the teachers' answers, these also to blends of two frames (Beyer et al. 2022,
arXiv:2106.05237). Two thirds of either schedule are at 192 x 192. A second call with the same
--out goes on with what is missing: teachers that are there are not trained again.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.utils.data import ConcatDataset, DataLoader

from arithmetic import bfloat16
from frames import Prepared, prepare, prepare_clips, together
from lesionnet import lesionnet
from losses import from_teachers, loss
from optimise import follow, learning_rate
from sampling import Augmented
from teachers import Teachers, teacher, trained
from validate import scope, validate

COARSE = 2 / 3  # of a schedule is at 192 x 192
BLENDED = 1 / 3  # of a batch, for which the teachers alone say what is right


class Schedule:
    """How far a training is, from 0 to 1: by batches, or by minutes if those end sooner."""

    def __init__(self, batches: int, minutes: float | None) -> None:
        self.batches, self.seconds = batches, None if minutes is None else minutes * 60
        self.done, self._began = 0, time.monotonic()

    def progress(self) -> float:
        """Share done."""
        share = self.done / self.batches
        if self.seconds is not None:
            share = max(share, (time.monotonic() - self._began) / self.seconds)
        return min(share, 1.0)


def batches(
    data: Prepared, schedule: Schedule, args: argparse.Namespace, seed: int
) -> Iterator[list[Tensor]]:
    """Pixels, masks and labels until the schedule ends."""
    epochs = 1 + schedule.batches * args.batch // len(data)
    for size, first, until in ((192, 0, COARSE), (256, epochs, 1.0)):
        if schedule.progress() >= until:
            continue
        frames = [Augmented(data, size, first + e, seed) for e in range(epochs)]
        loader = DataLoader(
            ConcatDataset(frames),
            args.batch,
            num_workers=args.workers,
            drop_last=True,
            pin_memory=args.device.type == "cuda",
            prefetch_factor=4 if args.workers else None,
        )
        for batch in loader:
            yield batch
            schedule.done += 1
            if schedule.progress() >= until:
                break


def fit(
    name: str,
    networks: list[nn.Module],
    data: Prepared,
    args: argparse.Namespace,
    schedule: Schedule,
    teachers: Teachers | None = None,
) -> list[nn.Module]:
    """Train networks side by side on the same frames; an exponential mean of each."""
    device = args.device
    means = [copy.deepcopy(net) for net in networks]
    groups = [
        {"params": [p for n in networks for p in n.parameters() if p.ndim > 1]},
        {"params": [p for n in networks for p in n.parameters() if p.ndim <= 1]},
    ]
    groups[0]["weight_decay"], groups[1]["weight_decay"] = args.decay, 0.0  # type: ignore[assignment]
    optimizer = torch.optim.AdamW(groups, lr=args.lr, fused=device.type == "cuda")
    began, total = time.monotonic(), torch.zeros((), device=device)
    for number, (pixels, mask, label) in enumerate(batches(data, schedule, args, args.seed)):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(schedule.progress(), args.lr)
        x = pixels.to(device, non_blocking=True).float() / 127.5 - 1
        truth = mask.to(device, non_blocking=True).float() / 255
        label = label.to(device, non_blocking=True)
        own = len(x)
        if teachers is not None:
            own -= int(own * BLENDED)
            share = torch.rand(len(x) - own, 1, 1, 1, device=device) * 0.5 + 0.5
            x = torch.cat([x[:own], share * x[own:] + (1 - share) * x[: len(x) - own]])
        x = x.contiguous(memory_format=torch.channels_last)
        value = torch.zeros((), device=device)
        with bfloat16(device):
            answers = [net(x) for net in networks]
            taught = None if teachers is None else teachers(x)
        for answer in answers:
            value = value + loss({k: v[:own] for k, v in answer.items()}, truth[:own], label[:own])
            if taught is not None:
                value = value + args.distil * from_teachers(answer, taught)
        optimizer.zero_grad(set_to_none=True)
        value.backward()
        for net in networks:
            torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimizer.step()
        follow(means, networks, min(0.998, (1 + number) / (10 + number)))
        total += value.detach()
        if (number + 1) % 100 == 0:
            rate = (number + 1) * args.batch / (time.monotonic() - began)
            print(
                f"{name}: {schedule.progress():.0%}, batch {number + 1}, "
                f"loss {total.item() / 100:.3f}, {rate:.0f} frames/s",
                flush=True,
            )
            total.zero_()
    return [mean.eval() for mean in means]


def write(network: nn.Module, file: Path) -> None:
    """The network's weights as safetensors."""
    save_file({k: v.contiguous().cpu() for k, v in network.state_dict().items()}, file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, nargs=2, required=True, metavar="FOLDER")
    parser.add_argument("--others", type=Path, help="folder with the clips of out_of_scope.json")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--teachers", type=int, default=3)
    parser.add_argument("--teacher-batches", type=int, default=4000)
    parser.add_argument("--batches", type=int, default=10000)
    parser.add_argument("--teacher-minutes", type=float, help="end the teachers' schedule by then")
    parser.add_argument("--minutes", type=float, help="end LesionNet's schedule by then")
    parser.add_argument("--distil", type=float, default=1.0, help="weight of the teachers' answers")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--decay", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2, help="processes that augment")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args()
    args.device = torch.device(args.device)
    torch.set_flush_denormal(True)
    torch.backends.cudnn.benchmark = True
    cv2.setNumThreads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    cache = args.out / "cache"
    train, val = (prepare(args.data, split, 256, cache) for split in ("train", "val"))
    others = None
    if args.others is not None:
        train = together(train, prepare_clips(args.others, "train", 256, cache))
        others = prepare_clips(args.others, "val", 256, cache)
    log: list[dict[str, object]] = []

    def place(network: nn.Module) -> nn.Module:
        return network.to(args.device, memory_format=torch.channels_last)

    def judge(name: str, network: nn.Module, schedule: Schedule | None) -> None:
        row: dict[str, object] = {"network": name}
        if schedule is not None:
            row |= {"batches": schedule.done, "frames": schedule.done * args.batch}
        row |= validate(network, val, args.device)
        if others is not None:
            row |= scope(network, val, others, args.device)
        log.append(row)
        print(row, flush=True)
        (args.out / "distilled.json").write_text(json.dumps(log, indent=1) + "\n")

    files = [args.out / f"teacher{n}.safetensors" for n in range(args.teachers)]
    schedule = None
    if not all(f.exists() for f in files):
        torch.manual_seed(args.seed)
        schedule = Schedule(args.teacher_batches, args.teacher_minutes)
        networks = [place(teacher()) for _ in files]
        for network, file in zip(
            fit("teachers", networks, train, args, schedule), files, strict=True
        ):
            write(network, file)
    teachers = trained(files)
    place(teachers).eval()
    for n, network in enumerate(teachers.networks):
        judge(f"teacher {n}", network, schedule)
    judge("teachers together", teachers, schedule)

    torch.manual_seed(args.seed)
    schedule = Schedule(args.batches, args.minutes)
    (network,) = fit("LesionNet", [place(lesionnet(4))], train, args, schedule, teachers)
    write(network, args.out / "lesionnet.safetensors")
    judge("LesionNet", network, schedule)


if __name__ == "__main__":
    main()
