"""torch's own static quantization (pt2e), with the quantizer of whoever will run the result."""

from __future__ import annotations

from typing import Any

import torch
from subject import Subject
from torch import nn


def quantized(subject: Subject, quantizer: Any) -> nn.Module:
    """The network with fake quantization in place, its ranges from the calibration frames.

    Raises:
        ModuleNotFoundError: torchao is not installed.
        InvalidCalibration: the recipe names no calibration frames.
    """
    from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e

    frames = subject.calibration()
    prepared = prepare_pt2e(
        torch.export.export(subject.network, (subject.example,)).module(), quantizer
    )
    with torch.no_grad():
        for frame in frames:
            prepared(torch.from_numpy(frame))
    converted: nn.Module = convert_pt2e(prepared)
    return converted
