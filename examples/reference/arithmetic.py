"""The arithmetic of training."""

from __future__ import annotations

import time
from functools import cache

import torch
from torch import nn

from sonoedge.device.cpu import has_bf16


def bfloat16(device: torch.device) -> torch.autocast:
    """Within it, convolutions are computed in bfloat16, where that is faster.

    A processor without the instructions emulates them, ten times slower than float32; some have
    them and take longer with them all the same, so one convolution is measured.
    """
    able = device.type != "cpu" or (has_bf16() and pays())
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=able)


@cache
def pays() -> bool:
    """This processor trains a convolution faster in bfloat16 than in float32."""
    with torch.inference_mode(mode=False), torch.enable_grad():
        return step_seconds(bf16=True) < step_seconds(bf16=False)


def step_seconds(*, bf16: bool, rounds: int = 5) -> float:
    """Processor time of one convolution, forward and backward: the least of some rounds."""
    with torch.random.fork_rng(devices=[]):  # a training's own numbers go on as they were
        layer = nn.Conv2d(32, 32, 3, padding=1).to(memory_format=torch.channels_last)
    frames = torch.zeros(4, 32, 64, 64).to(memory_format=torch.channels_last).requires_grad_()
    seconds = []
    for _ in range(rounds):
        begun = time.process_time()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
            answer: torch.Tensor = layer(frames)
        answer.float().sum().backward()
        seconds.append(time.process_time() - begun)
    return min(seconds)
