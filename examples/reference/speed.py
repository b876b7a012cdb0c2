"""Time of a training step on this processor: in bfloat16 and float32, by memory layout.

    python speed.py --size 128 --steps 5

Processor seconds are told beside those of the clock: on a busy machine only the former
compare. More threads than free cores cost both, as each waits for the slowest.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import time

import torch

from lesionnet import lesionnet
from losses import loss
from optimise import parameter_groups
from trunks import TRUNKS

HEAD = (
    "| trunk | arithmetic | layout | processor seconds a batch | fastest, seconds | loss after |\n"
    "|---|---|---|---|---|---|"
)


def timed(trunk: str, args: argparse.Namespace, *, half: bool, last: bool) -> str:
    """A row: the median of the steps after the first."""
    torch.manual_seed(1)
    layout = torch.channels_last if last else torch.contiguous_format
    net = lesionnet(4, trunk).to(memory_format=layout)
    optimizer = torch.optim.AdamW(parameter_groups(net, 1.5e-4, 4e-5))
    draw = torch.Generator().manual_seed(0)
    x = (torch.rand(args.batch, 1, args.size, args.size, generator=draw) * 2 - 1).to(
        memory_format=layout
    )
    mask = (torch.rand(x.shape, generator=draw) > 0.7).float()
    label = torch.arange(args.batch) % 3
    wall, processor = [], []
    for number in range(args.steps + 1):
        began = time.monotonic(), time.process_time()
        torch.manual_seed(number)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            logits = net(x)
        value = loss(logits, mask, label)
        optimizer.zero_grad(set_to_none=True)
        value.backward()
        optimizer.step()
        if number:  # the first chooses its kernels
            wall.append(time.monotonic() - began[0])
            processor.append(time.process_time() - began[1])
    names = ("bfloat16" if half else "float32", "channels last" if last else "channels first")
    times = f"{statistics.median(processor):.2f} | {min(wall):.2f}"
    return f"| {trunk} | {' | '.join(names)} | {times} | {value.item():.3f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--trunks", nargs="+", choices=("none", *TRUNKS), default=("none", *TRUNKS))
    args = parser.parse_args()
    torch.set_flush_denormal(True)
    torch.set_num_threads(args.threads)
    print(HEAD)
    for trunk, half, last in itertools.product(args.trunks, (True, False), (True, False)):
        print(timed(trunk, args, half=half, last=last), flush=True)


if __name__ == "__main__":
    main()
