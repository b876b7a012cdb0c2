"""Teach trained weights their scope without touching anything else that they know.

    python scope_head.py lesionnet.safetensors OUT.safetensors --data BUSI BUSBRA \\
        --others FOLDER --cache build/reference/cache

The encoder stays as it is; a fourth row of the frame's linear layer, out of scope against
the classes that are there, is fitted to pooled features of augmented training frames
(logistic regression; its weight decay is chosen on the validation split, by the share of
other frames caught). The maps do not change by a bit.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from arithmetic import bfloat16
from frames import Prepared, prepare, prepare_clips, together
from lesionnet import lesionnet
from sampling import Augmented
from sonoedge_export.evaluation.metrics import auroc
from train import begin

AWAY = 3  # the class out of scope


@torch.no_grad()
def pooled(net: nn.Module, frames: Augmented | Prepared) -> tuple[Tensor, Tensor]:
    """Pooled features, float32 [N, C], and labels, int64 [N], of all frames."""
    seen: list[Tensor] = []
    labels: list[int] = []
    hook = net.get_submodule("level5").register_forward_hook(
        lambda m, args, out: seen.append(out.float().mean((2, 3)))
    )
    for start in range(0, len(frames), 16):
        batch = []
        for i in range(start, min(start + 16, len(frames))):
            if isinstance(frames, Augmented):
                pixels, _, label = frames[i]
            else:
                pixels, label = torch.from_numpy(frames.pixels[i])[None], int(frames.labels[i])
            batch.append(pixels)
            labels.append(label)
        x = torch.stack(batch).float() / 127.5 - 1
        with bfloat16(torch.device("cpu")):
            net(x.contiguous(memory_format=torch.channels_last))
    hook.remove()
    return torch.cat(seen), torch.tensor(labels)


def fitted(
    head: nn.Linear, features: Tensor, labels: Tensor, decay: float
) -> tuple[Tensor, Tensor]:
    """Weight and bias of the fourth row: cross-entropy against the three that stay."""
    mean, std = features.mean(0), features.std(0) + 1e-3
    x, y = (features - mean) / std, (labels == AWAY).float()
    with torch.no_grad():
        rest = torch.logsumexp(head(features)[:, :AWAY], 1)
    weight, bias = torch.zeros(x.shape[1], requires_grad=True), torch.zeros(1, requires_grad=True)
    balance = torch.where(y > 0, 0.5 / y.mean(), 0.5 / (1 - y.mean()))
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        logit = x @ weight + bias - rest
        each = F.binary_cross_entropy_with_logits(logit, y, reduction="none")
        value = (each * balance).mean() + decay * weight.square().sum()
        value.backward()
        return value

    optimizer.step(closure)
    with torch.no_grad():
        weight = weight / std
        return weight.detach(), (bias - (weight * mean).sum()).detach()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("weights", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, nargs=2, required=True, metavar="FOLDER")
    parser.add_argument("--others", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=1, help="augmented passes over the frames")
    args = parser.parse_args()
    net = lesionnet(4)
    begin(net, args.weights)
    net = net.eval().to(memory_format=torch.channels_last)
    sets = {}
    for split in ("train", "val"):
        clips = prepare_clips(args.others, split, 256, args.cache)
        sets[split] = together(prepare(args.data, split, 256, args.cache), clips)
    parts = [pooled(net, Augmented(sets["train"], 256, n, 1)) for n in range(args.rounds)]
    features, labels = (torch.cat(p) for p in zip(*parts, strict=True))
    test_features, test_labels = pooled(net, sets["val"])
    head = net.get_submodule("frame")
    assert isinstance(head, nn.Linear)
    best = (-1.0, 0.0, 0.0)
    for decay in (1e-4, 1e-3, 1e-2, 1e-1):
        weight, bias = fitted(head, features, labels, decay)
        with torch.no_grad():
            rest = torch.logsumexp(head(test_features)[:, :AWAY], 1)
            away = torch.sigmoid(test_features @ weight + bias - rest).numpy()
        truth = (test_labels == AWAY).numpy()
        area = auroc(away, truth) or 0.0
        caught = float((away[truth] > np.quantile(away[~truth], 0.99)).mean())
        print(f"decay {decay:g}: AUROC {area:.4f}, caught {caught:.3f} at 1 % of breast frames")
        best = max(best, (caught, area, decay))
    weight, bias = fitted(head, features, labels, best[2])
    state = load_file(args.weights)
    state["frame.weight"] = torch.cat([state["frame.weight"][:AWAY].float(), weight[None]])
    state["frame.bias"] = torch.cat([state["frame.bias"][:AWAY].float(), bias])
    save_file({k: v.contiguous() for k, v in state.items()}, args.out)
    print(f"decay {best[2]:g} chosen; {args.out} written")


if __name__ == "__main__":
    main()
