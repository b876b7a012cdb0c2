"""TensorRT-RTX on an NVIDIA GPU: TensorRT's calls, and what it has more.

It compiles an engine's kernels for the GPU at the first calls. `sonoedge provision` keeps them
beside the engine, so that the next process need not wait for them. It records a call as a
graph by a strategy of its own. A version that lacks a name does without what it stands for.
"""

from __future__ import annotations

import logging
from typing import Any

from sonoedge.errors import EngineMismatch
from sonoedge_runtimes.trt import TensorRt

log = logging.getLogger("sonoedge.tensorrt")

MALFORMED = "this is no engine of TensorRT-RTX; build it again with sonoedge provision"
REFUSED = (
    "the kernels kept beside the engine are not taken by this GPU and driver: they are "
    "compiled again in each process, until sonoedge provision has run"
)


class TensorRtRtx(TensorRt):
    """See `TensorRt`; the second file of an engine, where it has one, are its kernels."""

    flavour = "tensorrt-rtx"
    keeps_kernels = True
    _cache: Any = None
    _own_strategy = False

    def kernels(self) -> bytes:
        """What was compiled so far; empty where this version keeps nothing.

        Raises:
            EngineFailed: TensorRT-RTX does not give it.
        """
        if self._cache is None:
            return b""
        stored = self._cache.serialize()
        if stored is None:
            raise self._error("does not give the kernels that it has compiled")
        return bytes(stored)

    def _context_of(self, trt: Any, engine: Any, kernels: bytes | None) -> Any:
        if not hasattr(engine, "create_runtime_config"):
            return engine.create_execution_context()
        config = engine.create_runtime_config()
        if config is None:
            raise self._error("made no runtime configuration")
        self._objects.append(config)
        if hasattr(config, "create_runtime_cache"):
            self._keep(config, kernels)
        if hasattr(config, "cuda_graph_strategy"):
            config.cuda_graph_strategy = trt.CudaGraphStrategy.WHOLE_GRAPH_CAPTURE
            self._own_strategy = True
        return engine.create_execution_context(config)

    def _keep(self, config: Any, kernels: bytes | None) -> None:
        cache = config.create_runtime_cache()
        if cache is None:
            raise self._error("made no cache for its kernels")
        if kernels is not None and not cache.deserialize(kernels):
            self.note = REFUSED
            log.warning("%s", REFUSED)
        if not config.set_runtime_cache(cache):
            raise self._error("refused a cache for its kernels")
        self._cache = cache
        self._objects.append(cache)

    def _record(self) -> None:
        if self._own_strategy:
            self.cuda_graph = True
        else:
            super()._record()

    def _let_go(self) -> None:
        self._cache = None
        super()._let_go()

    def _refuse_foreign(self, trt: Any, runtime: Any, model: bytes) -> None:
        if not hasattr(runtime, "get_engine_validity"):
            return
        validity, diagnostics = runtime.get_engine_validity(model)
        if validity != trt.EngineValidity.INVALID:
            return
        if self._log.errors():
            raise self._error("refused the engine")
        diagnostic_names = getattr(trt, "EngineInvalidityDiagnostics", None)
        names = (
            []
            if diagnostic_names is None
            else [
                name
                for name, bit in diagnostic_names.__members__.items()
                if int(diagnostics) & int(bit)
            ]
        )
        raise EngineMismatch(f"{MALFORMED} ({', '.join(names).lower() or 'no reason given'})")
