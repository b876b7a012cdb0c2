"""An engine that computes nothing: what is left is the SDK's own cost."""

from __future__ import annotations

import json

import numpy as np

from sonoedge.errors import EngineFailed
from sonoedge.processing.postprocess import FINITE
from sonoedge.runtime import Tensors, TensorSpec


class Null:
    """Answers zeros, and that they are finite.

    Its "model" is JSON: {"inputs": [[name, dtype, shape], ...], "outputs": [...]}.
    """

    def __init__(self, model: bytes, *, precision: str, threads: int | None) -> None:
        try:
            parsed = json.loads(model)
            self.inputs = tuple(_spec(*s) for s in parsed["inputs"])
            self.outputs = tuple(_spec(*s) for s in parsed["outputs"])
        except (ValueError, KeyError, TypeError) as error:
            raise EngineFailed("this is no model of the null runtime") from error

    def infer(self, tensors: Tensors) -> Tensors:
        """Zeros of the outputs' shapes."""
        return {
            s.name: np.full(s.shape, int(s.name == FINITE), dtype=s.dtype) for s in self.outputs
        }

    def close(self) -> None:
        """Nothing to give back."""


def _spec(name: str, dtype: str, shape: list[int]) -> TensorSpec:
    return TensorSpec(name=name, dtype=dtype, shape=tuple(shape))
