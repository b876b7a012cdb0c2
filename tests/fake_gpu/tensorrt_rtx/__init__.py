"""The same for TensorRT-RTX: what it has more."""

from __future__ import annotations

import enum
import os

import tensorrt
from tensorrt import *  # noqa: F403
from tensorrt import _MAGIC, ILogger, __version__  # noqa: F401

_KERNELS = b"kernels of " + os.environ.get("FAKE_TENSORRT_KERNELS", __version__).encode()
_compiled: list[int] = []  # one for each time that kernels were compiled


class EngineValidity(enum.IntEnum):
    VALID = 0
    INVALID = 2


class EngineInvalidityDiagnostics(enum.IntFlag):
    VERSION_MISMATCH = 1
    MALFORMED_ENGINE = 32


class CudaGraphStrategy(enum.Enum):
    DISABLED = 0
    WHOLE_GRAPH_CAPTURE = 1


class IRuntimeCache:
    """Empty until a context has run; takes back what this version has given."""

    def __init__(self) -> None:
        self._blob = b""

    def deserialize(self, blob: bytes) -> bool:
        if blob != _KERNELS:
            return False
        self._blob = blob
        return True

    def serialize(self) -> bytes:
        return self._blob


class IRuntimeConfig:
    cuda_graph_strategy = CudaGraphStrategy.DISABLED

    def __init__(self) -> None:
        self._cache: IRuntimeCache | None = None

    def create_runtime_cache(self) -> IRuntimeCache:
        return IRuntimeCache()

    def set_runtime_cache(self, cache: IRuntimeCache) -> bool:
        self._cache = cache
        return True


class IExecutionContext(tensorrt.IExecutionContext):
    def __init__(self, engine: tensorrt.ICudaEngine, config: IRuntimeConfig) -> None:
        super().__init__(engine)
        self._config = config

    def execute_async_v3(self, stream_handle: int) -> bool:
        cache = self._config._cache
        if cache is None or not cache._blob:
            _compiled.append(stream_handle)
            if cache is not None:
                cache._blob = _KERNELS
        return super().execute_async_v3(stream_handle)


class ICudaEngine(tensorrt.ICudaEngine):
    def create_runtime_config(self) -> IRuntimeConfig:
        return IRuntimeConfig()

    def create_execution_context(
        self, config: IRuntimeConfig | None = None
    ) -> tensorrt.IExecutionContext | None:
        if config is None or config.cuda_graph_strategy is CudaGraphStrategy.DISABLED:
            return None
        return IExecutionContext(self, config)


class Runtime(tensorrt.Runtime):
    def get_engine_validity(
        self, plan: bytes
    ) -> tuple[EngineValidity, EngineInvalidityDiagnostics]:
        if plan[:4] != _MAGIC:
            return EngineValidity.INVALID, EngineInvalidityDiagnostics.MALFORMED_ENGINE
        return EngineValidity.VALID, EngineInvalidityDiagnostics(0)

    def deserialize_cuda_engine(self, plan: bytes) -> ICudaEngine | None:
        found = super().deserialize_cuda_engine(plan)
        return None if found is None else ICudaEngine(plan[4:].partition(b"\0")[2])
