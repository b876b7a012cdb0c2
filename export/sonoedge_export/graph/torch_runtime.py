"""The trained network itself, as a runtime: what every engine is compared with."""

from __future__ import annotations

import torch
from torch import nn

from sonoedge.device.cpu import usable_threads
from sonoedge.runtime import Tensors, TensorSpec
from sonoedge_export.graph.deploy import INPUT


class TorchRuntime:
    """Torch eager, float32, on the CPU; for the workstation only."""

    def __init__(self, module: nn.Module, names: list[str], input_hw: tuple[int, int]) -> None:
        torch.set_num_threads(usable_threads())
        self._module, self._names = module.eval(), names
        self.inputs = (TensorSpec(name=INPUT, dtype="uint8", shape=(1, 1, *input_hw)),)
        answer = self._run(torch.zeros(1, 1, *input_hw, dtype=torch.uint8))
        self.outputs = tuple(
            TensorSpec(name=n, dtype=str(t.dtype).removeprefix("torch."), shape=tuple(t.shape))
            for n, t in zip(names, answer, strict=True)
        )

    def infer(self, tensors: Tensors) -> Tensors:
        """Run once and wait; the arrays returned belong to the caller."""
        answer = self._run(torch.from_numpy(tensors[INPUT]))
        return {n: t.numpy().copy() for n, t in zip(self._names, answer, strict=True)}

    def close(self) -> None:
        """Nothing to give back."""

    def _run(self, frame: torch.Tensor) -> tuple[torch.Tensor, ...]:
        with torch.no_grad():
            answer: tuple[torch.Tensor, ...] = self._module(frame)
        return answer
