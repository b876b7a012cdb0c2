"""TensorRT on an NVIDIA GPU; TensorRT-RTX, which has more, is in trt_rtx.py.

An engine belongs to one GPU model, one driver and one TensorRT; `sonoedge provision`
builds it on the device. Here it is only loaded and run.
"""

from __future__ import annotations

import ctypes
import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from sonoedge.device.gpu import gpu
from sonoedge.errors import EngineFailed, EngineLost, RuntimeUnavailable, SonoedgeError
from sonoedge.runtime import Tensors, TensorSpec
from sonoedge_runtimes.cuda import Cuda
from sonoedge_runtimes.trt_build.load import load_tensorrt
from sonoedge_runtimes.trt_devices import check_memory
from sonoedge_runtimes.trt_log import TensorRtLog, logger

log = logging.getLogger("sonoedge.tensorrt")

PRECISIONS: Final = ("fp32", "fp16", "int8")
DTYPES: Final = {"UINT8": "uint8", "FLOAT": "float32"}


class TensorRt:
    """A deserialized engine with its buffers, its stream and its recorded graph.

    Frames go through pinned memory and one non-blocking stream; after a first run
    without it, copies and kernels are recorded as one CUDA graph. A GPU that refuses to
    record runs them one by one: `cuda_graph` and `note` say so.

    Attributes:
        cuda_graph: whether a call is one launch of a recorded graph.
        note: what is to be said of it, such as why it is none; mostly empty.
        keeps_kernels: whether `kernels` gives any, which then are this engine's second file.
        lost: how the GPU's context was lost; empty while it is not. Only a new process can
            use the GPU again: whoever runs this one should end it.
    """

    flavour: Literal["tensorrt", "tensorrt-rtx"] = "tensorrt"
    keeps_kernels = False

    def __init__(
        self,
        model: bytes,
        *,
        precision: str,
        threads: int | None,
        weights: bytes | None = None,
        memory: str = "pinned",
    ) -> None:
        check_memory(memory)
        if weights is not None and not self.keeps_kernels:
            raise EngineFailed("TensorRT's engines are one file, and this one is two")
        if precision not in PRECISIONS:
            raise RuntimeUnavailable(f"{self.flavour} has no {precision}")
        device = gpu()  # before any TensorRT object: without a GPU its native library crashes
        trt = load_tensorrt(self.flavour)
        self._cuda = Cuda(device.cuda)
        self.lost = ""
        self._closed = False
        self._stream = self._graph = 0
        self._objects: list[Any] = []  # runtime, engine, ..., context
        self._context: Any = None
        self._arrays: dict[str, npt.NDArray[np.generic]] = {}
        self._addresses: dict[str, tuple[int, int, int]] = {}  # on the GPU, pinned, bytes
        self.cuda_graph, self.note = False, ""
        try:
            self._open(trt, model, weights)
        except BaseException:
            self.close()
            raise

    def infer(self, tensors: Tensors) -> Tensors:
        """Run once and wait; the arrays returned belong to the caller.

        Raises:
            EngineLost: the GPU's context is gone, now and for every later call.
            EngineFailed: the tensors are not what `inputs` says, or the engine failed.
        """
        if self._closed:
            raise EngineFailed("this engine is closed")
        if self.lost:
            raise EngineLost(self.lost)
        for spec in self.inputs:
            tensor = tensors.get(spec.name)
            if tensor is None or tensor.shape != spec.shape or tensor.dtype != spec.dtype:
                raise EngineFailed(
                    f"{spec.name} must be {spec.dtype} {spec.shape}, "
                    f"not {None if tensor is None else f'{tensor.dtype} {tensor.shape}'}"
                )
            self._arrays[spec.name][...] = tensor
        with self._record_loss():
            if self._graph:
                self._cuda.launch(self._graph, self._stream)
            else:
                self._enqueue()
            self._cuda.wait(self._stream)
        return {spec.name: self._arrays[spec.name].copy() for spec in self.outputs}

    def kernels(self) -> bytes:
        """What was compiled at the first calls, to be kept beside the engine; empty for nothing."""
        return b""

    def close(self) -> None:
        """Give GPU and pinned memory back; closing twice is harmless."""
        if self._stream and not self._closed:
            with suppress(SonoedgeError):  # no copy may be under way into what is given back
                self._cuda.wait(self._stream)
        self._closed = True
        self._arrays = {}
        self._cuda.close()

    def _open(self, trt: Any, model: bytes, kernels: bytes | None) -> None:
        cuda = self._cuda
        native_logger, records = logger(trt)
        records.clear()
        self._log: TensorRtLog = records
        self._stream = cuda.stream()
        runtime = trt.Runtime(native_logger)
        self._refuse_foreign(trt, runtime, model)
        engine = runtime.deserialize_cuda_engine(model)
        if engine is None:
            raise self._error("refused the engine")
        self._objects = [runtime, engine]
        cuda.give_back_later(self._let_go)
        context = self._context_of(trt, engine, kernels)
        if context is None:
            raise self._error("made no execution context")
        self._context = context
        self._objects.append(context)
        specs = self._specs(trt, engine)
        self.inputs = tuple(s for s, is_input in specs if is_input)
        self.outputs = tuple(s for s, is_input in specs if not is_input)
        for spec, _ in specs:
            size = math.prod(spec.shape) * np.dtype(spec.dtype).itemsize
            device, pinned = cuda.device_memory(size), cuda.pinned_memory(size)
            self._arrays[spec.name] = _view(pinned, size, spec)
            self._addresses[spec.name] = (device, pinned, size)
            if not context.set_tensor_address(spec.name, device):
                raise self._error(f"refused the address of {spec.name}")
        self._enqueue()  # before recording: lazy set-up cannot be recorded
        cuda.wait(self._stream)
        self._record()

    def _refuse_foreign(self, trt: Any, runtime: Any, model: bytes) -> None:
        """Before anything is loaded, where this TensorRT can tell; here it cannot."""

    def _context_of(self, trt: Any, engine: Any, kernels: bytes | None) -> Any:
        return engine.create_execution_context()

    def _record(self) -> None:
        try:
            self._graph = self._cuda.capture(self._stream, self._enqueue)
        except EngineLost:
            raise
        except SonoedgeError as error:
            self.note = f"the GPU does not record this engine as a graph: {error}"
            log.warning("%s", self.note)
            self._enqueue()  # the stream must be sound after the attempt
            self._cuda.wait(self._stream)
            return
        self.cuda_graph = True

    def _enqueue(self) -> None:
        """One run: frame to the GPU, kernels, answers to the host; returns before it is done."""
        cuda, context = self._cuda, self._context
        for spec in self.inputs:
            device, pinned, size = self._addresses[spec.name]
            cuda.to_device(device, pinned, size, self._stream)
        self._log.clear()
        if not context.execute_async_v3(self._stream):
            cuda.check()  # CUDA's own error, where there is one, tells more
            raise self._error("did not run the engine")
        for spec in self.outputs:
            device, pinned, size = self._addresses[spec.name]
            cuda.to_host(pinned, device, size, self._stream)

    def _specs(self, trt: Any, engine: Any) -> list[tuple[TensorSpec, bool]]:
        """Tensors of an engine, and whether each is an input."""
        specs = []
        for number in range(engine.num_io_tensors):
            name = engine.get_tensor_name(number)
            shape = tuple(engine.get_tensor_shape(name))
            kind = engine.get_tensor_dtype(name).name
            if kind not in DTYPES or any(n < 0 for n in shape):
                raise EngineFailed(
                    f"tensor {name} is {kind} {shape}; "
                    "only static uint8 and float32 tensors are run"
                )
            is_input = engine.get_tensor_mode(name) == trt.TensorIOMode.INPUT
            specs.append((TensorSpec(name=name, dtype=DTYPES[kind], shape=shape), is_input))
        return specs

    def _let_go(self) -> None:
        self._context = None
        while self._objects:
            self._objects.pop()  # the context goes before its engine, the engine before the runtime

    def _error(self, step: str) -> SonoedgeError:
        return self._log.error(f"{self.flavour} {step}")

    @contextmanager
    def _record_loss(self) -> Iterator[None]:
        try:
            yield
        except EngineLost as error:
            self.lost = str(error)
            raise
        except RuntimeUnavailable as error:  # no frame raises it: the GPU went away
            self.lost = str(error)
            raise EngineLost(self.lost) from error


def fingerprint(flavour: str) -> dict[str, str | None]:
    """What an engine of this flavour is bound to on this machine.

    Raises:
        RuntimeUnavailable: no GPU, no driver, or no CUDA runtime library.
        MissingDependency: this TensorRT is not installed.
    """
    device = gpu()
    trt = load_tensorrt(flavour)
    cuda = Cuda(device.cuda)
    return {
        "gpu": device.name,
        "compute_capability": device.compute_capability,
        "driver": device.driver,
        "driver_cuda": device.cuda,
        "cuda_runtime": cuda.version,
        "tensorrt": f"{flavour} {trt.__version__}",
    }


def _view(address: int, size: int, spec: TensorSpec) -> npt.NDArray[np.generic]:
    memory = (ctypes.c_uint8 * size).from_address(address)
    return np.ctypeslib.as_array(memory).view(spec.dtype).reshape(spec.shape)
