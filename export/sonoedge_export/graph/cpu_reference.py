"""A graph on ONNX Runtime's CPU: what an engine that is built elsewhere must answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from sonoedge.device.cpu import usable_threads
from sonoedge.engines.golden import differences
from sonoedge.errors import EngineFailed, RuntimeUnavailable
from sonoedge.runtime import Tensors, TensorSpec

Frame = npt.NDArray[np.uint8]

DTYPES: Final = {"tensor(uint8)": "uint8", "tensor(float)": "float32"}
# Largest mean difference that graph optimisation may make: levels of 255; probability. Where
# it makes more, ONNX Runtime computes another network, and its verdict is worth nothing.
MEAN_LEVELS: Final = 1.0
MEAN_PROBS: Final = 0.01


class ReferenceRuntime:
    """A graph computed node by node on ONNX Runtime's CPU, without graph optimisation.

    It stands for an engine that is built on the device: its answers are what that engine must
    give. The bundle's own runtime for ONNX Runtime always optimises, and optimisation may
    replace pairs of Q/DQ nodes by integer operators, which is not what TensorRT computes.

    Raises:
        EngineFailed: ONNX Runtime refused the graph.
    """

    def __init__(self, graph: bytes, *, optimised: bool = False) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = usable_threads()
        options.log_severity_level = 3
        if not optimised:
            options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        try:
            self._session = ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its classes share no other base
            raise EngineFailed(f"ONNX Runtime refused the graph: {str(error)[:300]}") from error
        self.inputs = tuple(_spec(i) for i in self._session.get_inputs())
        self.outputs = tuple(_spec(o) for o in self._session.get_outputs())

    def infer(self, tensors: Tensors) -> Tensors:
        """Run once and wait; the arrays returned belong to the caller."""
        names = [o.name for o in self.outputs]
        return dict(zip(names, self._session.run(names, dict(tensors)), strict=True))

    def close(self) -> None:
        """Nothing to give back."""


def optimisation_difference(graph: bytes, tensors: Sequence[Frame]) -> dict[str, float]:
    """How much ONNX Runtime's graph optimisation changes the graph's answers.

    Returns:
        by output: the mean over the frames of the mean absolute difference; maps in
        levels of 255.

    Raises:
        RuntimeUnavailable: too much; the graph cannot be verified here.
    """
    plain, optimised = ReferenceRuntime(graph), ReferenceRuntime(graph, optimised=True)
    name = plain.inputs[0].name
    changes: dict[str, list[float]] = {o.name: [] for o in plain.outputs}
    for frame in tensors:
        one, other = plain.infer({name: frame}), optimised.infer({name: frame})
        if any(np.isinf(v) for v in differences(one, other).values()):
            raise RuntimeUnavailable("the graph answers with values that are no numbers")
        for key, value in one.items():
            difference = value.astype(np.float64) - other[key].astype(np.float64)
            changes[key].append(float(np.abs(difference).mean()))
    means = {key: float(np.mean(values)) for key, values in changes.items()}
    for spec in plain.outputs:
        limit = MEAN_LEVELS if spec.dtype == "uint8" else MEAN_PROBS
        if means[spec.name] > limit:
            raise RuntimeUnavailable(
                f"{spec.name} differs by {means[spec.name]:.3g} with and without ONNX Runtime's "
                f"graph optimisation, at most {limit:g} wanted: it cannot be verified here"
            )
    return {key: round(value, 6) for key, value in means.items()}


def _spec(tensor: Any) -> TensorSpec:
    return TensorSpec(name=tensor.name, dtype=DTYPES[tensor.type], shape=tuple(tensor.shape))
