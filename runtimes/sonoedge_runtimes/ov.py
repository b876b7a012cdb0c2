"""OpenVINO on the CPU, without its telemetry."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np

from sonoedge.device.cores import (
    CORES_GONE,
    CannotPin,
    pinning_cores,
    release,
    thread_cores,
)
from sonoedge.device.cpu import usable_threads
from sonoedge.engines.openvino_graph import separate_shared_matrices
from sonoedge.errors import EngineFailed, MissingDependency, RuntimeUnavailable
from sonoedge.install import install_command
from sonoedge.runtime import Tensors, TensorSpec
from sonoedge.telemetry import disable_telemetry


def _import_openvino() -> Any:
    """Import OpenVINO while its telemetry's module cannot be found."""
    disable_telemetry()
    try:
        import openvino
    except ModuleNotFoundError as error:
        if error.name != "openvino":
            raise
        raise MissingDependency(
            f"OpenVINO is not installed; run: {install_command('openvino')}"
        ) from error
    return openvino


ov = _import_openvino()
_THREADS: set[int] = set()  # those of OpenVINO in this process, which its engines share

DTYPES = {"uint8_t": "uint8", "u8": "uint8", "float": "float32", "f32": "float32"}
HINTS = {"fp32": "f32", "bf16": "bf16", "int8": "f32"}


class OpenVino:
    """A compiled model on OpenVINO's CPU plugin.

    "fp32" asks for float32 arithmetic: left alone, the plugin computes in bf16 where
    the processor can. "bf16" is refused where the processor cannot. "int8" models are
    quantized by themselves; what they leave in float is computed in float32.

    A model is ONNX, or OpenVINO's own XML with its .bin as `weights`.
    """

    def __init__(
        self,
        model: bytes,
        *,
        precision: str,
        threads: int | None,
        weights: bytes | None = None,
        pinned: bool = False,
    ) -> None:
        self._cores = pinning_cores(threads or usable_threads()) if pinned else ()
        if precision not in HINTS:
            raise RuntimeUnavailable(f"OpenVINO's CPU plugin has no {precision}")
        with _translated("refused the model"):
            core = _core()
            capabilities = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        if precision == "bf16" and "BF16" not in capabilities:
            raise RuntimeUnavailable("this processor has no bf16; use an fp32 or int8 variant")
        config = self._config(precision, threads) | {"ENABLE_CPU_PINNING": pinned}
        self._before = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
        earlier = frozenset(thread_cores())
        with _translated("refused the model"):
            compiled = core.compile_model(_read_model(core, model, weights), "CPU", config)
            self.inputs = tuple(_spec(p) for p in compiled.inputs)
            self.outputs = tuple(_spec(p) for p in compiled.outputs)
            request, own = compiled.create_infer_request(), compiled.create_infer_request()
            self.input = own.get_tensor(self.inputs[0].name).data
            self.answer = {s.name: own.get_tensor(s.name).data for s in self.outputs}
        self._request, self._own_request = request, own
        self.placement: Literal["free", "pinned"] = "pinned" if pinned else "free"
        self.lost = ""
        self.run()  # from here on it has all of its threads
        _THREADS.update(frozenset(thread_cores()) - earlier)
        if not pinned:  # one that was late may have bound itself for an engine closed since
            release(frozenset(_THREADS), frozenset(self._before))
        if pinned and not (compiled.get_property("ENABLE_CPU_PINNING") and self._is_bound()):
            self.close()
            raise CannotPin("OpenVINO does not bind its threads here; use placement='free'")
        self._input_buffers = {s.name: request.get_tensor(s.name).data for s in self.inputs}
        self._output_buffers = {s.name: request.get_tensor(s.name).data for s in self.outputs}

    def infer(self, tensors: Tensors) -> Tensors:
        """Run once and wait; the arrays returned belong to the caller."""
        if self._request is None:
            raise EngineFailed("this engine is closed")
        self._look_at_cores()
        with _translated("failed while running"):
            for name, into in self._input_buffers.items():
                np.copyto(into, tensors[name], casting="no")
            self._request.start_async()
            self._request.wait()
            return {name: buffer.copy() for name, buffer in self._output_buffers.items()}

    def run(self) -> None:
        """Run once over `input` into `answer`, and wait."""
        if self._own_request is None:
            raise EngineFailed("this engine is closed")
        self._look_at_cores()
        with _translated("failed while running"):
            self._own_request.start_async()
            self._own_request.wait()

    def close(self) -> None:
        """Drop the compiled model; closing twice is harmless."""
        self._input_buffers, self._output_buffers = {}, {}
        self._request = self._own_request = None
        if self._cores:  # its threads stay, for its other engines
            release(frozenset(_THREADS), frozenset(self._before))
            self._cores = ()

    def _is_bound(self, within_s: float = 1.0) -> bool:
        """Whether all cores but the caller's have a thread that may run there alone.

        The property tells what was asked for: threads that an earlier engine of this process
        left behind may serve the new one as they are.
        """
        end_s = time.monotonic() + within_s
        while True:
            self.run()  # a thread binds itself as it begins to work
            alone = {min(on) for on in thread_cores().values() if len(on) == 1}
            if len(alone & set(self._cores)) >= len(self._cores) - 1:
                return True
            if time.monotonic() > end_s:
                return False

    def _look_at_cores(self) -> None:
        """Notice where a core was taken away: the kernel has moved the thread that was there."""
        if self.placement == "pinned" and not os.sched_getaffinity(0).issuperset(self._cores):
            self.placement, self.lost = "free", CORES_GONE

    def _config(self, precision: str, threads: int | None) -> dict[str, Any]:
        return {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": threads or usable_threads(),
            "NUM_STREAMS": 1,
            "INFERENCE_PRECISION_HINT": HINTS[precision],
        }


@functools.cache
def _core() -> Any:
    """One core for the life of the process.

    Each core's CPU plugin brings a stack of its own for signal handlers and puts its
    predecessor's back when it goes, gone or not: of two cores, closing the older one
    first leaves a stack that is no longer there, and the next signal kills the process.
    """
    return ov.Core()


@contextmanager
def _translated(failure: str) -> Iterator[None]:
    try:
        yield
    except (RuntimeError, TypeError, ValueError, KeyError) as error:
        raise EngineFailed(f"OpenVINO {failure}: {str(error)[:300]}") from error


def _read_model(core: Any, model: bytes, weights: bytes | None) -> Any:
    if weights is None:
        return separate_shared_matrices(ov, core.read_model(model))
    # The constants stay views into this tensor, which the model keeps.
    buffer = np.frombuffer(weights, dtype=np.uint8)
    network = core.read_model(model=model, weights=ov.Tensor(buffer, shared_memory=False))
    return separate_shared_matrices(ov, network)


def _spec(port: Any) -> TensorSpec:
    kind = port.element_type.to_string()
    if kind not in DTYPES or port.partial_shape.is_dynamic:
        raise EngineFailed(
            f"tensor {port.any_name} is {kind} {port.partial_shape}; "
            "only static uint8 and float32 tensors are run"
        )
    return TensorSpec(name=port.any_name, dtype=DTYPES[kind], shape=tuple(port.shape))
