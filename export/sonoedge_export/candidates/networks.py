"""The networks that variants are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sonoedge_export.progress import Stages
from sonoedge_export.quantize.layers import prepared
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

    @cached_property
    def prepared(self) -> bytes:
        """The graph as every quantizer gets it."""
        return prepared(self._onnx)

    @cached_property
    def ranked(self) -> list[Sensitivity]:
        """Its layers, the noisiest first."""
        with self._stages.stage("rank the layers by quantization noise"):
            return ranking(self.prepared, self._tensors)
