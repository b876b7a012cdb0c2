"""The arithmetic of training."""

from __future__ import annotations

import torch

from sonoedge.device.cpu import has_bf16


def bfloat16(device: torch.device) -> torch.autocast:
    """Within it, convolutions are computed in bfloat16, where the device has it.

    A processor without the instructions emulates them, ten times slower than float32.
    """
    able = device.type != "cpu" or has_bf16()
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=able)
