"""ExecuTorch with XNNPACK's kernels: float32, and int8 by its own quantizer."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from float_maps import FloatMaps
from subject import Subject
from torch import nn


class ExecuTorch(FloatMaps):
    """The network, exported and lowered to XNNPACK as ExecuTorch's guide does it."""

    name = "ExecuTorch (XNNPACK), fp32"

    def __init__(self, subject: Subject) -> None:
        from executorch.extension.pybindings.portable_lib import (
            _load_for_executorch_from_buffer,
            _unsafe_reset_threadpool,
        )

        super().__init__(subject)
        # The runtime reads the program where it lies: it has to live as long.
        self._program = _program(self._network(), subject.example)
        _unsafe_reset_threadpool(subject.threads)
        self._module = _load_for_executorch_from_buffer(self._program)

    def _network(self) -> nn.Module:
        return self._subject.network

    def _run(self, tensor: npt.NDArray[np.float32]) -> Any:
        return [answer.numpy() for answer in self._module.forward([torch.from_numpy(tensor)])]


class ExecuTorchInt8(ExecuTorch):
    """Weights per channel and activations, by XNNPACKQuantizer on the calibration frames."""

    name = "ExecuTorch (XNNPACK), int8"

    def _network(self) -> nn.Module:
        from executorch.backends.xnnpack.quantizer.xnnpack_quantizer import (
            XNNPACKQuantizer,
            get_symmetric_quantization_config,
        )
        from torch_int8 import quantized

        quantizer = XNNPACKQuantizer()
        quantizer.set_global(get_symmetric_quantization_config(is_per_channel=True))
        return quantized(self._subject, quantizer)


def _program(network: nn.Module, example: torch.Tensor) -> bytes:
    """What the runtime loads (.pte)."""
    from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
    from executorch.exir import to_edge_transform_and_lower

    exported = torch.export.export(network, (example,))
    lowered = to_edge_transform_and_lower(exported, partitioner=[XnnpackPartitioner()])
    program: bytes = lowered.to_executorch().buffer
    return program
