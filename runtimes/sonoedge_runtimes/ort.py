"""ONNX Runtime on the CPU, without its telemetry."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Literal

import numpy as np

from sonoedge.device.cores import (
    CORES_GONE,
    CannotPin,
    bound_to,
    pinning_cores,
    thread_cores,
)
from sonoedge.device.cpu import usable_threads
from sonoedge.errors import EngineFailed, MissingDependency, RuntimeUnavailable
from sonoedge.install import python_command
from sonoedge.runtime import Tensors, TensorSpec
from sonoedge.telemetry import disable_telemetry

disable_telemetry()
try:
    import onnxruntime as ort
except ModuleNotFoundError as error:
    if error.name != "onnxruntime":
        raise
    raise MissingDependency(
        f"ONNX Runtime is not installed; run: {python_command()} -m pip install onnxruntime"
    ) from error

DTYPES = {"tensor(uint8)": "uint8", "tensor(float)": "float32"}
PRECISIONS = ("fp32", "int8")


class OnnxRuntime:
    """A session of ONNX Runtime's CPU provider.

    Threads do not spin between frames unless told to: on a device at 30 frames per
    second, spinning burns the idle time and disturbs whatever else runs.
    """

    def __init__(
        self,
        model: bytes,
        *,
        precision: str,
        threads: int | None,
        weights: bytes | None = None,
        spin: bool = False,
        pinned: bool = False,
    ) -> None:
        if weights is not None:
            raise EngineFailed("ONNX Runtime's models are one file, and this one is two")
        if precision not in PRECISIONS:
            raise RuntimeUnavailable(f"ONNX Runtime's CPU provider has no {precision}")
        options = self._options(threads, spin)
        self._cores = self._cores_of(options) if pinned else ()
        earlier = frozenset(thread_cores()) if pinned else frozenset()
        with _translated("refused the model"):
            session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
            self.inputs = tuple(_spec(i) for i in session.get_inputs())
            self.outputs = tuple(_spec(o) for o in session.get_outputs())
        self._names = [o.name for o in self.outputs]
        self._session: ort.InferenceSession | None = session
        self.input: np.ndarray[Any, np.dtype[np.uint8]] = np.zeros(self.inputs[0].shape, np.uint8)
        self.answer = {o.name: np.zeros(o.shape, o.dtype) for o in self.outputs}
        self._binding = self._bound(session)
        self.placement: Literal["free", "pinned"] = "pinned" if pinned else "free"
        self.lost = ""
        # It logs what it cannot bind, and goes on.
        if pinned and not bound_to(self._cores[1:], frozenset(thread_cores()) - earlier):
            raise CannotPin("ONNX Runtime did not bind its threads; use placement='free'")

    def infer(self, tensors: Tensors) -> Tensors:
        """Run once and wait; the arrays returned belong to the caller."""
        if self._session is None:
            raise EngineFailed("this engine is closed")
        with self._on_core(), _translated("failed while running"):
            values: list[np.ndarray[tuple[int, ...], np.dtype[np.generic]]]
            values = self._session.run(self._names, dict(tensors))
        return dict(zip(self._names, values, strict=True))

    def run(self) -> None:
        """Run once over `input` into `answer`, and wait."""
        if self._session is None:
            raise EngineFailed("this engine is closed")
        with self._on_core(), _translated("failed while running"):
            self._session.run_with_iobinding(self._binding)

    def close(self) -> None:
        """Drop the session; closing twice is harmless."""
        self._session = self._binding = None

    def _bound(self, session: ort.InferenceSession) -> Any:
        """What ties a session's tensors to our memory."""
        binding = session.io_binding()
        if self.inputs[0].dtype == "uint8":
            given = self.input
            binding.bind_input(
                self.inputs[0].name, "cpu", 0, given.dtype, given.shape, given.ctypes.data
            )
        for name, values in self.answer.items():
            binding.bind_output(name, "cpu", 0, values.dtype, values.shape, values.ctypes.data)
        return binding

    def _cores_of(self, options: ort.SessionOptions) -> tuple[int, ...]:
        """The first for the thread that calls, which computes as well, the others for its own."""
        cores = pinning_cores(options.intra_op_num_threads)
        listed = ";".join(str(core + 1) for core in cores[1:])  # it counts from 1
        options.add_session_config_entry("session.intra_op_thread_affinities", listed)
        return cores

    def _on_core(self) -> AbstractContextManager[None]:
        """Within it the calling thread is on its core; what it starts elsewhere must not be."""
        return self._bound_caller() if self.placement == "pinned" else nullcontext()

    @contextmanager
    def _bound_caller(self) -> Iterator[None]:
        before = os.sched_getaffinity(0)
        if not before.issuperset(self._cores):
            self.placement = "free"
            self.lost = CORES_GONE
            yield
            return
        os.sched_setaffinity(0, self._cores[:1])
        try:
            yield
        finally:
            os.sched_setaffinity(0, before)

    def _options(self, threads: int | None, spin: bool) -> ort.SessionOptions:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads or usable_threads()
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "1" if spin else "0")
        return options


@contextmanager
def _translated(failure: str) -> Iterator[None]:
    """ONNX Runtime raises a dozen classes that share no base but Exception."""
    try:
        yield
    except Exception as error:
        raise EngineFailed(f"ONNX Runtime {failure}: {str(error)[:300]}") from error


def _spec(tensor: ort.NodeArg) -> TensorSpec:
    if tensor.type not in DTYPES or not all(isinstance(n, int) for n in tensor.shape):
        raise EngineFailed(
            f"tensor {tensor.name} is {tensor.type} {tensor.shape}; "
            "only static uint8 and float32 tensors are run"
        )
    return TensorSpec(name=tensor.name, dtype=DTYPES[tensor.type], shape=tuple(tensor.shape))
