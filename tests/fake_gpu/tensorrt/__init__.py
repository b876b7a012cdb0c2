"""A stand-in for TensorRT's Python module, for tests without a GPU.

An "engine" is the ONNX graph behind a header; ONNX Runtime computes it, as a "kernel" that
the stand-in for libcudart runs when the stream is waited for. Failures are TensorRT's
own: None or False, and words in the log. A test proves that every name here is one of
the real module's.
"""

from __future__ import annotations

import ctypes
import enum
import os
import time

import numpy as np
import onnxruntime

__version__ = os.environ.get("FAKE_TENSORRT_VERSION", "10.3.0")
_MAGIC = b"ftrt"
_KERNEL = ctypes.CFUNCTYPE(None)


class ILogger:
    class Severity(enum.Enum):
        INTERNAL_ERROR = 0
        ERROR = 1
        WARNING = 2
        INFO = 3
        VERBOSE = 4

    def __init__(self) -> None:
        self._native = True  # a subclass that forgets to call this is caught


class TensorIOMode(enum.Enum):
    NONE = 0
    INPUT = 1
    OUTPUT = 2


class DataType(enum.Enum):
    FLOAT = 0
    HALF = 1
    UINT8 = 5


class ProfilingVerbosity(enum.Enum):
    DETAILED = 2


class MemoryPoolType(enum.Enum):
    WORKSPACE = 0


class NetworkDefinitionCreationFlag(enum.IntEnum):
    STRONGLY_TYPED = 1


class IProgressMonitor:
    def __init__(self) -> None:
        self._native = True


def _cudart() -> ctypes.CDLL:
    library = ctypes.CDLL(os.environ.get("FAKE_CUDART", "libcudart.so.12"))
    library.fake_kernel.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    return library


def _error(logger: ILogger, text: str) -> None:
    assert logger._native
    logger.log(ILogger.Severity.ERROR, text)


class Runtime:
    def __init__(self, logger: ILogger) -> None:
        self.logger = logger

    def deserialize_cuda_engine(self, plan: bytes) -> ICudaEngine | None:
        if plan[:4] != _MAGIC:
            _error(self.logger, "Serialization assertion header.magicTag == kEXPECTED_MAGIC_TAG")
            return None
        version, _, graph = plan[4:].partition(b"\0")
        if version.decode() != __version__:
            _error(
                self.logger,
                "The engine plan file is not compatible with this version of TensorRT, "
                f"expecting library version {__version__} got {version.decode()}",
            )
            return None
        return ICudaEngine(graph)


class ICudaEngine:
    def __init__(self, graph: bytes) -> None:
        self._session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        self._tensors = {t.name: t for t in (*inputs, *outputs)}
        self._inputs = {t.name for t in inputs}

    @property
    def num_io_tensors(self) -> int:
        return len(self._tensors)

    def get_tensor_name(self, number: int) -> str:
        return list(self._tensors)[number]

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        return tuple(self._tensors[name].shape)

    def get_tensor_dtype(self, name: str) -> DataType:
        return DataType.UINT8 if "uint8" in self._tensors[name].type else DataType.FLOAT

    def get_tensor_mode(self, name: str) -> TensorIOMode:
        return TensorIOMode.INPUT if name in self._inputs else TensorIOMode.OUTPUT

    def create_execution_context(self) -> IExecutionContext | None:
        return IExecutionContext(self)


class IExecutionContext:
    def __init__(self, engine: ICudaEngine) -> None:
        self._engine = engine
        self._addresses: dict[str, int] = {}
        self._library = _cudart()
        self._kernel = _KERNEL(self._compute)

    def set_tensor_address(self, name: str, address: int) -> bool:
        self._addresses[name] = address
        return name in self._engine._tensors

    def execute_async_v3(self, stream_handle: int) -> bool:
        if set(self._addresses) != set(self._engine._tensors):
            return False
        kernel = ctypes.cast(self._kernel, ctypes.c_void_p)
        return bool(self._library.fake_kernel(stream_handle, kernel) == 0)

    def _memory(self, name: str) -> np.ndarray:
        kind = np.uint8 if self._engine.get_tensor_dtype(name) is DataType.UINT8 else np.float32
        shape = self._engine.get_tensor_shape(name)
        size = int(np.prod(shape)) * np.dtype(kind).itemsize
        memory = (ctypes.c_uint8 * size).from_address(self._addresses[name])
        return np.ctypeslib.as_array(memory).view(kind).reshape(shape)

    def _compute(self) -> None:
        given = {name: self._memory(name) for name in self._engine._inputs}
        made = [n for n in self._engine._tensors if n not in given]
        for name, value in zip(made, self._engine._session.run(made, given), strict=True):
            wrong = os.environ.get("FAKE_TENSORRT_WRONG") and value.dtype == np.uint8
            np.copyto(self._memory(name), 255 - value if wrong else value)


class ITimingCache:
    def serialize(self) -> bytes:
        return b"timings"


class IBuilderConfig:
    profiling_verbosity: ProfilingVerbosity | None = None
    progress_monitor: IProgressMonitor | None = None

    def set_memory_pool_limit(self, pool: MemoryPoolType, size: int) -> None:
        self._limit = (pool, size)

    def create_timing_cache(self, stored: bytes) -> ITimingCache:
        return ITimingCache()

    def set_timing_cache(self, cache: ITimingCache, ignore_mismatch: bool) -> bool:
        self._cache = cache
        return True

    def get_timing_cache(self) -> ITimingCache:
        return self._cache


class INetworkDefinition:
    num_inputs = num_outputs = 0
    _graph = b""


class OnnxParser:
    num_errors = 0

    def __init__(self, network: INetworkDefinition, logger: ILogger) -> None:
        self._network = network

    def parse(self, model: bytes) -> bool:
        try:
            session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        except Exception:  # noqa: BLE001 - ONNX Runtime's errors share no other base
            return True  # as the real one: bytes that are no model parse to an empty network
        self._network.num_inputs = len(session.get_inputs())
        self._network.num_outputs = len(session.get_outputs())
        self._network._graph = model
        return True


class Builder:
    def __init__(self, logger: ILogger) -> None:
        self.logger = logger

    def create_network(self, flags: int) -> INetworkDefinition:
        assert flags == 1 << int(NetworkDefinitionCreationFlag.STRONGLY_TYPED)
        return INetworkDefinition()

    def create_builder_config(self) -> IBuilderConfig:
        return IBuilderConfig()

    def build_serialized_network(
        self, network: INetworkDefinition, config: IBuilderConfig
    ) -> bytes | None:
        monitor = config.progress_monitor
        if monitor is not None:
            monitor.phase_start("Building Engine", None, 2)
            monitor.step_complete("Building Engine", 0)
            time.sleep(float(os.environ.get("FAKE_TENSORRT_SECONDS", "0")))
            monitor.phase_finish("Building Engine")
        self.logger.log(ILogger.Severity.VERBOSE, os.environ.get("FAKE_TENSORRT_LAYERS", "none"))
        if os.environ.get("FAKE_TENSORRT_REFUSES"):
            _error(self.logger, "Error Code 10: Could not find any implementation for node conv")
            return None
        return _MAGIC + __version__.encode() + b"\0" + network._graph
