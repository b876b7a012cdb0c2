"""What pretraining and each group of augmentation buy: short schedules, several seeds.

    python ablate.py --data BUSI BUSBRA --others FOLDER --out build/ablation

Everything at 128 x 128 with the same budget. A run that is done is not done again, so the
command can be stopped and called again, also twice at once with other --arms (then with
OMP_NUM_THREADS=1 on two cores); it ends with a table of mean and standard deviation over
the seeds that are done. Pretraining is masked reconstruction (He et al. 2022,
arXiv:2111.06377) of all training frames and clips, without labels: squares are hidden, and
the network, its lesion head in place of a picture's, is to draw them.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader

import augment as groups
from arithmetic import bfloat16
from frames import Prepared, prepare, prepare_clips, together
from lesionnet import lesionnet
from losses import loss
from optimise import learning_rate
from sampling import Augmented
from validate import validate

SIZE = 128
FIGURES = ("dice_0", "dice_1", "auroc_0", "auroc_1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One way to train.

    Attributes:
        pretrained: begin with the self-supervised weights.
        without: functions of augment.py that are left out, by name.
    """

    pretrained: bool = False
    without: tuple[str, ...] = ()


ARMS = {
    "from scratch, all augmentation": Arm(),
    "self-supervised first": Arm(pretrained=True),
    "without warps": Arm(without=("warp",)),
    "without tone": Arm(without=("tone",)),
    "without painted marks": Arm(without=("paint",)),
    "without histogram matching": Arm(without=("matched",)),
    "without fans and compression": Arm(without=("sector", "compressed")),
    "without any": Arm(without=("warp", "tone", "paint", "matched", "sector", "compressed")),
}


def left_out(name: str) -> object:
    """A function of augment.py that changes nothing."""
    if name in ("warp", "sector"):
        return lambda pixels, mask, *rest: (pixels, mask)
    return lambda pixels, *rest: pixels


def hidden(pixels: Tensor, generator: torch.Generator, cell: int = 16) -> Tensor:
    """1 where a square of 16 x 16 is hidden, float32 [B, 1, H, W]; half of them are."""
    b, _, h, w = pixels.shape
    coarse = (torch.rand(b, 1, h // cell, w // cell, generator=generator) < 0.5).float()
    return F.interpolate(coarse, scale_factor=float(cell), mode="nearest")


def steps(
    net: nn.Module, data: Prepared, epochs: int, seed: int, device: torch.device, *, own: bool
) -> None:
    """Train: for the labels, or (`own`) to draw what is hidden."""
    optimizer = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.02)
    generator = torch.Generator().manual_seed(seed)
    per_epoch = max(1, len(data) // 16)
    net.train()
    for epoch in range(epochs):
        frames = Augmented(data, SIZE, epoch, seed)
        loader = DataLoader(frames, 16, num_workers=1, drop_last=True)
        for batch, (pixels, mask, label) in enumerate(loader):
            for group in optimizer.param_groups:
                group["lr"] = learning_rate((epoch + batch / per_epoch) / epochs, 2e-3)
            x = pixels.float() / 127.5 - 1
            away = hidden(x, generator) if own else torch.zeros_like(x)
            given = (x * (1 - away)).to(device).contiguous(memory_format=torch.channels_last)
            with bfloat16(device):
                logits = net(given)
            if own:
                drawn, hole = logits["lesion"].float(), F.avg_pool2d(away, 2).to(device)
                wanted = F.avg_pool2d(x, 2).to(device)
                value = ((drawn - wanted).square() * hole).sum() / hole.sum().clamp(min=1)
            else:
                value = loss(logits, mask.to(device).float() / 255, label.to(device))
            optimizer.zero_grad(set_to_none=True)
            value.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            optimizer.step()


def pretrained(data: Prepared, seed: int, args: argparse.Namespace) -> Path:
    """Weights of the self-supervised task, made once for each seed."""
    file: Path = args.out / f"pretrained-{args.pretrain}-{seed}.safetensors"
    if not file.exists():
        torch.manual_seed(seed)
        net = lesionnet(4).to(args.device, memory_format=torch.channels_last)
        steps(net, data, args.pretrain, seed, args.device, own=True)
        save_file({k: v.contiguous() for k, v in net.state_dict().items()}, file)
    return file


def trained(arm: Arm, seed: int, train: Prepared, val: Prepared, args: argparse.Namespace) -> dict:
    """Figures on the validation split."""
    kept = {name: getattr(groups, name) for name in arm.without}
    for name in arm.without:
        setattr(groups, name, left_out(name))
    try:
        torch.manual_seed(seed)
        net = lesionnet(4).to(args.device, memory_format=torch.channels_last)
        if arm.pretrained:
            heads = ("lesion.", "malignancy.", "frame.", "grade.")
            state = load_file(pretrained(train, seed, args))
            own = net.state_dict()
            own.update({k: v for k, v in state.items() if not k.startswith(heads)})
            net.load_state_dict(own)
        steps(net, train, args.epochs, seed, args.device, own=False)
    finally:
        for name, function in kept.items():
            setattr(groups, name, function)
    return validate(net, val, args.device)


def smaller(data: Prepared) -> Prepared:
    """The frames at the ablation's size."""

    def each(pictures: np.ndarray) -> np.ndarray:
        return np.stack(
            [cv2.resize(p, (SIZE, SIZE), interpolation=cv2.INTER_AREA) for p in pictures]
        )

    return replace(data, pixels=each(data.pixels), masks=each(data.masks))


def record(out: Path, name: str, seed: int) -> Path:
    """Where the figures of a run are kept: one file for each, so that two calls can share."""
    return out / "runs" / f"{name}, seed {seed}.json"


def table(out: Path, seeds: int) -> list[str]:
    """Mean and standard deviation over the seeds that are done."""
    lines = ["| training | seeds | Dice busi | Dice busbra | AUROC busi | AUROC busbra |"]
    lines.append("|---|---|---|---|---|---|")
    for name in ARMS:
        files = [file for seed in range(seeds) if (file := record(out, name, seed)).exists()]
        done = [json.loads(file.read_text()) for file in files]
        if done:
            values = np.array([[row[f] for f in FIGURES] for row in done])
            spread = values.std(0, ddof=1) if len(done) > 1 else np.full(len(FIGURES), np.nan)
            cells = [f"{m:.3f} +- {s:.3f}" for m, s in zip(values.mean(0), spread, strict=True)]
            lines.append(f"| {name} | {len(done)} | {' | '.join(cells)} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, nargs=2, required=True, metavar="FOLDER")
    parser.add_argument("--others", type=Path, help="folder with the clips of out_of_scope.json")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--pretrain", type=int, default=10, help="epochs without labels")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--arms", nargs="*", choices=tuple(ARMS), default=tuple(ARMS))
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args()
    args.device = torch.device(args.device)
    torch.set_flush_denormal(True)
    cv2.setNumThreads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    train = prepare(args.data, "train", 256, args.out / "cache")
    if args.others is not None:
        train = together(train, prepare_clips(args.others, "train", 256, args.out / "cache"))
    val = smaller(prepare(args.data, "val", 256, args.out / "cache"))
    train = smaller(train)
    (args.out / "runs").mkdir(exist_ok=True)
    for seed in range(args.seeds):  # a stopped table has all arms of the first seeds
        for name in args.arms:
            file = record(args.out, name, seed)
            if not file.exists():
                row = trained(ARMS[name], seed, train, val, args)
                new = file.with_suffix(".new")
                new.write_text(json.dumps(row, indent=1))
                new.replace(file)
                print(name, seed, row, flush=True)
    print("\n".join(table(args.out, args.seeds)))


if __name__ == "__main__":
    main()
