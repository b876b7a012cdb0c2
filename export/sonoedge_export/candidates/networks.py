"""The networks that variants are made from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sonoedge_export.progress import Stages
from sonoedge_export.quantize.layers import prepared
from sonoedge_export.quantize.rounding import rounded_weights, with_weights
from sonoedge_export.quantize.sensitivity import Sensitivity, ranking
from sonoedge_export.recipe.variants import VARIANTS

if TYPE_CHECKING:
    from sonoedge_export.graph.build import Graph


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Networks:
    """Float graphs of the trained network, and of the pruned one where there is one."""

    unpruned: Graph
    pruned: Graph | None = None

    def graph(self, *, pruned: bool) -> Graph | None:
        """The graph of one of them."""
        return self.pruned if pruned else self.unpruned

    def buildable(self, variants: Sequence[str]) -> list[str]:
        """The variants whose network is there."""
        return [v for v in variants if self.graph(pruned=VARIANTS[v].pruned) is not None]

    def onnx(self) -> dict[str, bytes]:
        """The float graphs by name: "network", and "pruned" where there is one."""
        graphs = {"network": self.unpruned.onnx}
        return graphs if self.pruned is None else graphs | {"pruned": self.pruned.onnx}


class QuantizableGraph:
    """A float graph, prepared and ranked once, when that is first needed.

    Args:
        onnx: the float graph.
        tensors: calibration frames as the engine gets them, uint8 [1, 1, H, W].
    """

    def __init__(
        self, onnx: bytes, tensors: tuple[npt.NDArray[np.uint8], ...], stages: Stages
    ) -> None:
        self._onnx, self._tensors, self._stages = onnx, tensors, stages
        self._weights: dict[float, dict[str, npt.NDArray[np.float32]]] = {}

    @cached_property
    def prepared(self) -> bytes:
        """The graph as every quantizer gets it."""
        return prepared(self._onnx)

    def rounded(self, levels: float, keep_float: Collection[str]) -> bytes:
        """The graph with its weights rounded together, but for those of layers kept in float.

        Args:
            levels: the largest level of a weight.
        """
        if levels not in self._weights:
            with self._stages.stage("round the weights"):
                self._weights[levels] = rounded_weights(self.prepared, self._tensors, levels=levels)
        return with_weights(self.prepared, self._weights[levels], keep_float=keep_float)

    @cached_property
    def ranked(self) -> list[Sensitivity]:
        """Its layers, the noisiest first."""
        with self._stages.stage("rank the layers by quantization noise"):
            return ranking(self.prepared, self._tensors)
