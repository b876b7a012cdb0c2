"""Train LesionNet: resumable, seeded, on CPU or GPU.

    python train.py --data BUSI_FOLDER BUSBRA_FOLDER --out build/reference

Each folder has a frames.json and pictures. The training split is trained on, the
validation split chooses; the test split is never read. A second call with the
same --out goes on where the first one stopped.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.utils.data import DataLoader, Dataset

from arithmetic import bfloat16
from augment import augment, without_lesion
from frames import Prepared, prepare, prepare_clips, together
from lesionnet import lesionnet
from losses import loss
from plot import plot
from validate import scope, validate

AWAY = 0.1  # of the frames of an epoch are no breast
NORMAL = 0.1  # of the frames with a lesion are cropped to a part without


class Augmented(Dataset[tuple[torch.Tensor, torch.Tensor, int]]):
    """An epoch of augmented frames; the same seed and epoch give the same frames."""

    def __init__(self, data: Prepared, size: int, epoch: int, seed: int) -> None:
        self.data, self.size, self.epoch, self.seed = data, size, epoch, seed
        malignant = np.where(data.labels == 2, 1.6, 1.0)
        share = malignant * np.where(data.sets == 0, 1.7, 1.0)
        away = data.sets < 0
        if away.any():  # clips that are no breast: so large a share of an epoch
            share[away] = AWAY / (1 - AWAY) * share[~away].sum() / away.sum()
        rng = np.random.default_rng((seed, epoch))
        self.order = rng.choice(len(data), len(data), p=share / share.sum())

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, item: int) -> tuple[torch.Tensor, torch.Tensor, int]:
        i = int(self.order[item])
        rng = np.random.default_rng((self.seed, self.epoch, item))
        pixels, mask, label = self.data.pixels[i], self.data.masks[i], int(self.data.labels[i])
        if label in (1, 2) and rng.random() < NORMAL:
            part = without_lesion(pixels, mask, rng)
            if part is not None:
                pixels, mask, label = part, np.zeros_like(mask), 0
        other = self.data.pixels[int(rng.integers(len(self.data)))]
        reach = (0.6, 2.2) if label == 3 else (0.75, 1.45)
        pixels, mask = augment(pixels, mask, rng, other, reach)
        if self.size != pixels.shape[0]:
            size = (self.size, self.size)
            pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
            mask = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
        return (
            torch.from_numpy(pixels)[None],
            torch.from_numpy(mask)[None],
            label,
        )


def learning_rate(progress: float, peak: float) -> float:
    """Linear warm-up over 5 %, then a half cosine to zero (Loshchilov and Hutter 2017)."""
    if progress < 0.05:
        return peak * (0.05 + 0.95 * progress / 0.05)
    return peak * 0.5 * (1 + math.cos(math.pi * (progress - 0.05) / 0.95))


def begin(net: nn.Module, file: Path) -> None:
    """Take trained weights; a class that they do not know starts as unlikely as can be."""
    state = load_file(file)
    known = state["frame.weight"].shape[0]
    own = net.state_dict()
    for name in ("frame.weight", "frame.bias"):
        wide = own[name].clone()
        wide[:known] = state[name].float()
        if name == "frame.bias":
            wide[known:] = -2.0
        state[name] = wide
    net.load_state_dict({name: tensor.to(own[name].dtype) for name, tensor in state.items()})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, nargs=2, required=True, metavar="FOLDER")
    parser.add_argument("--others", type=Path, help="folder with the clips of out_of_scope.json")
    parser.add_argument("--start", type=Path, help="weights to start from (safetensors)")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=44)
    parser.add_argument(
        "--coarse", type=int, default=30, help="epochs at 192 x 192, the first ones"
    )
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    torch.set_flush_denormal(True)  # denormal numbers make a CPU many times slower
    cv2.setNumThreads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    train = prepare(args.data, "train", 256, args.out / "cache")
    val = prepare(args.data, "val", 256, args.out / "cache")
    others = None
    if args.others is not None:
        train = together(train, prepare_clips(args.others, "train", 256, args.out / "cache"))
        others = prepare_clips(args.others, "val", 256, args.out / "cache")
    device = torch.device(args.device)
    net = lesionnet(4)
    if args.start is not None:
        begin(net, args.start)
    net = net.to(device, memory_format=torch.channels_last)
    smooth = copy.deepcopy(net)  # an exponential mean of the weights is what is kept
    groups = [
        {"params": [p for p in net.parameters() if p.ndim > 1], "weight_decay": 0.02},
        {"params": [p for p in net.parameters() if p.ndim <= 1], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=args.lr)
    per_epoch = len(train) // args.batch
    log: list[dict[str, float]] = []
    checkpoint = args.out / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True, map_location=device)
        net.load_state_dict(state["net"])
        smooth.load_state_dict(state["smooth"])
        optimizer.load_state_dict(state["optimizer"])
        log = state["log"]
        print(f"resumed after epoch {len(log)}")

    for epoch in range(len(log), args.epochs):
        size = 192 if epoch < args.coarse else 256
        torch.manual_seed(args.seed * 1000 + epoch)
        frames = Augmented(train, size, epoch, args.seed)
        loader = DataLoader(frames, args.batch, num_workers=1, drop_last=True, prefetch_factor=4)
        began, losses = time.monotonic(), []
        net.train()
        for batch, (pixels, mask, label) in enumerate(loader):
            done = (epoch + batch / per_epoch) / args.epochs
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(done, args.lr)
            x = (pixels.to(device).float() / 127.5 - 1).contiguous(
                memory_format=torch.channels_last
            )
            with bfloat16(device):
                logits = net(x)
            value = loss(logits, mask.to(device).float() / 255, label.to(device))
            optimizer.zero_grad(set_to_none=True)
            value.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            optimizer.step()
            step = epoch * per_epoch + batch
            keep = min(0.998, (1 + step) / (10 + step))
            with torch.no_grad():
                for a, b in zip(
                    smooth.state_dict().values(), net.state_dict().values(), strict=True
                ):
                    if a.is_floating_point():
                        a.lerp_(b, 1 - keep)
                    else:
                        a.copy_(b)
            losses.append(value.item())
            if batch % 20 == 0:
                rate = len(losses) * args.batch / (time.monotonic() - began)
                print(
                    f"\repoch {epoch + 1}/{args.epochs} loss {np.mean(losses):.3f} {rate:.0f} fps",
                    end="",
                    flush=True,
                )
        row: dict[str, float] = {"epoch": epoch + 1, "size": size, "loss": float(np.mean(losses))}
        row["seconds"] = round(time.monotonic() - began, 1)
        if (epoch + 1) % 4 == 0 or epoch + 1 == args.epochs:
            row |= validate(smooth, val, device)
            if others is not None:
                row |= scope(smooth, val, others, device)
            weights = {k: v.contiguous() for k, v in smooth.state_dict().items()}
            save_file(weights, args.out / f"epoch{epoch + 1:03d}.safetensors")
        log.append(row)
        print("\r" + " ".join(f"{k} {v:.4g}" for k, v in row.items()), flush=True)
        state = {"net": net.state_dict(), "smooth": smooth.state_dict()}
        torch.save(state | {"optimizer": optimizer.state_dict(), "log": log}, args.out / "new.pt")
        (args.out / "new.pt").replace(checkpoint)
        (args.out / "log.json").write_text(json.dumps(log, indent=1))
        plot(log, args.out / "curves.png")


if __name__ == "__main__":
    main()
