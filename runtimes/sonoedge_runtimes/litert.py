"""LiteRT on the CPU, by its fast kernels (XNNPACK)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sonoedge.device.cpu import usable_threads
from sonoedge.engines.litert_operators import WEIGHTED, off_fast_path
from sonoedge.errors import EngineFailed, MissingDependency, RuntimeUnavailable
from sonoedge.install import install_command
from sonoedge.runtime import Tensors, TensorSpec

try:
    from ai_edge_litert.interpreter import Interpreter
except ModuleNotFoundError as error:
    if error.name != "ai_edge_litert":
        raise
    raise MissingDependency(f"LiteRT is not installed; run: {install_command('litert')}") from error

PRECISIONS = ("fp32", "int8")
DTYPES = ("uint8", "float32")


class LiteRt:
    """An interpreter of a LiteRT file (.tflite) with static shapes.

    A model whose layers LiteRT would compute without its fast kernels is refused; smaller
    operators that it does so are in `off_fast_path`. float32 is computed in float32.

    Attributes:
        inputs, outputs: see `sonoedge.runtime.Runtime`.
        off_fast_path: see `sonoedge.engines.litert_operators`.
    """

    def __init__(
        self, model: bytes, *, precision: str, threads: int | None, weights: bytes | None = None
    ) -> None:
        if weights is not None:
            raise EngineFailed("LiteRT's models are one file, and this one is two")
        if precision not in PRECISIONS:
            raise RuntimeUnavailable(f"LiteRT's CPU kernels have no {precision}")
        with _translated("refused the model"):
            interpreter = Interpreter(model_content=model, num_threads=threads or usable_threads())
            interpreter.allocate_tensors()
            self.off_fast_path = off_fast_path(interpreter)
            inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
        self.inputs = tuple(_spec(each) for each in inputs)
        self.outputs = tuple(_spec(each) for each in outputs)
        slow = sorted(set(self.off_fast_path) & set(WEIGHTED))
        if slow:
            raise RuntimeUnavailable(
                f"LiteRT has no fast kernel here for {', '.join(slow)} of this model; use a "
                "variant of another runtime"
            )
        self._numbers = {str(each["name"]): each["index"] for each in (*inputs, *outputs)}
        self._interpreter: Any = interpreter

    def infer(self, tensors: Tensors) -> Tensors:
        """Run once and wait; the arrays returned belong to the caller."""
        if self._interpreter is None:
            raise EngineFailed("this engine is closed")
        with _translated("failed while running"):
            for spec in self.inputs:
                self._interpreter.set_tensor(self._numbers[spec.name], tensors[spec.name])
            self._interpreter.invoke()
            return {
                spec.name: self._interpreter.get_tensor(self._numbers[spec.name])
                for spec in self.outputs
            }

    def close(self) -> None:
        """Drop the interpreter; closing twice is harmless."""
        self._interpreter = None


@contextmanager
def _translated(failure: str) -> Iterator[None]:
    try:
        yield
    except (RuntimeError, TypeError, ValueError, KeyError) as error:
        raise EngineFailed(f"LiteRT {failure}: {str(error)[:300]}") from error


def _spec(tensor: dict[str, Any]) -> TensorSpec:
    name, dtype = str(tensor["name"]), tensor["dtype"].__name__
    if dtype not in DTYPES or -1 in tensor["shape_signature"]:
        raise EngineFailed(
            f"tensor {name} is {dtype} {tensor['shape_signature'].tolist()}; only static uint8 "
            "and float32 tensors are run"
        )
    return TensorSpec(name=name, dtype=dtype, shape=tuple(tensor["shape"].tolist()))
