"""The same for TensorRT-RTX: what it has more."""

from __future__ import annotations

import enum

import tensorrt
from tensorrt import *  # noqa: F403
from tensorrt import _MAGIC, ILogger, __version__  # noqa: F401


class EngineValidity(enum.IntEnum):
    VALID = 0
    INVALID = 2


class EngineInvalidityDiagnostics(enum.IntFlag):
    VERSION_MISMATCH = 1
    MALFORMED_ENGINE = 32


class CudaGraphStrategy(enum.Enum):
    DISABLED = 0
    WHOLE_GRAPH_CAPTURE = 1


class IRuntimeConfig:
    cuda_graph_strategy = CudaGraphStrategy.DISABLED


class ICudaEngine(tensorrt.ICudaEngine):
    def create_runtime_config(self) -> IRuntimeConfig:
        return IRuntimeConfig()

    def create_execution_context(
        self, config: IRuntimeConfig | None = None
    ) -> tensorrt.IExecutionContext | None:
        if config is None or config.cuda_graph_strategy is CudaGraphStrategy.DISABLED:
            return None
        return tensorrt.IExecutionContext(self)


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
