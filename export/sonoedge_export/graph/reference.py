"""The user's own network as a runtime: what every engine is compared with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from sonoedge.device.cpu import usable_threads
from sonoedge.runtime import Tensors, TensorSpec
from sonoedge_export.graph.deploy import INPUT, Answer
from sonoedge_export.graph.raw_values import RawValues


class Reference:
    """The network as its owner runs it, then the recipe's activations in torch, float32, on
    the CPU; for the workstation only.

    Attributes:
        raw_values: what the network answered so far, before activations.
    """

    def __init__(
        self, network: Callable[[Tensor], Any], answer: Answer, input_hw: tuple[int, int]
    ) -> None:
        """Run once on a black frame, to learn the shapes.

        Args:
            network: takes uint8 [1, 1, H, W], gives what `answer` takes.
        """
        torch.set_num_threads(usable_threads())
        self._network, self._answer = network, answer.eval()
        self.raw_values = RawValues()
        self.inputs = (TensorSpec(name=INPUT, dtype="uint8", shape=(1, 1, *input_hw)),)
        outputs = self._run(torch.zeros(1, 1, *input_hw, dtype=torch.uint8))
        self.raw_values = RawValues()  # a black frame is none of the user's
        self.outputs = tuple(
            TensorSpec(name=n, dtype=str(t.dtype).removeprefix("torch."), shape=tuple(t.shape))
            for n, t in outputs.items()
        )

    def infer(self, tensors: Tensors) -> Tensors:
        """Run once and wait; the arrays returned belong to the caller."""
        outputs = self._run(torch.from_numpy(tensors[INPUT]))
        return {name: tensor.numpy().copy() for name, tensor in outputs.items()}

    def check(self) -> None:
        """Compare what the network answered so far with what the recipe says of it.

        Raises:
            InvalidNetwork: an answer is NaN or infinite, or contradicts an activation; the
                message names the output or the key.
        """
        self.raw_values.check_finite()
        for name in self._answer.names:
            spec = self._answer.outputs.get(name)
            if spec is not None:
                self.raw_values.check_activation(name, spec)

    def close(self) -> None:
        """Nothing to give back."""

    def _run(self, frame: Tensor) -> dict[str, Tensor]:
        with torch.no_grad():
            raw = self._network(frame)
            self.raw_values.add(self._answer.raw_outputs(raw))
            return dict(zip(self._answer.output_names, self._answer(raw), strict=True))
