"""torch.compile with its default backend, inductor: float32, and int8 by torch's quantizer."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from float_maps import FloatMaps
from subject import Subject
from torch import nn

from sonoedge.errors import RuntimeUnavailable


class TorchCompile(FloatMaps):
    """The network with its weights frozen, which is what inductor wants for inference."""

    name = "torch.compile, fp32"

    def __init__(self, subject: Subject) -> None:
        from torch._inductor import config, exc

        super().__init__(subject)
        torch.set_num_threads(subject.threads)
        try:
            with config.patch(freezing=True), torch.no_grad():
                self._compiled = torch.compile(self._network())
                self._compiled(subject.example)
        except exc.InvalidCxxCompiler as error:
            raise RuntimeUnavailable("torch.compile needs a C++ compiler") from error

    def _network(self) -> nn.Module:
        return self._subject.network

    def _run(self, tensor: npt.NDArray[np.float32]) -> Any:
        with torch.no_grad():
            return [answer.numpy() for answer in self._compiled(torch.from_numpy(tensor))]


class TorchCompileInt8(TorchCompile):
    """Quantized by X86InductorQuantizer on the calibration frames."""

    name = "torch.compile, int8"

    def _network(self) -> nn.Module:
        from torch_int8 import quantized
        from torchao.quantization.pt2e.quantizer import x86_inductor_quantizer as x86

        quantizer = x86.X86InductorQuantizer()
        quantizer.set_global(x86.get_default_x86_inductor_quantization_config())
        return quantized(self._subject, quantizer)
