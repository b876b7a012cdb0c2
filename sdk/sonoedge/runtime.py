"""What an engine is to the SDK, and where each one lives."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias, cast, runtime_checkable

import numpy as np
import numpy.typing as npt

from sonoedge.errors import InvalidSettings, MissingDependency
from sonoedge.install import install_command
from sonoedge.late_edges import LATE_EDGES

Tensors: TypeAlias = Mapping[str, npt.NDArray[np.generic]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorSpec:
    """Name, NumPy dtype name and static shape of a tensor."""

    name: str
    dtype: str
    shape: tuple[int, ...]


class Runtime(Protocol):
    """A compiled model, loaded on one device.

    A runtime neither resizes nor casts nor normalises: it takes what `inputs`
    says and gives what `outputs` says. Calls come from one thread at a time.
    """

    @property
    def inputs(self) -> tuple[TensorSpec, ...]: ...
    @property
    def outputs(self) -> tuple[TensorSpec, ...]: ...

    def infer(self, tensors: Tensors) -> Tensors:
        """Run once and wait; the arrays returned belong to the caller.

        Raises:
            EngineFailed: the engine refused or failed.
        """
        ...

    def close(self) -> None:
        """Give the device its memory back. Closing twice is harmless."""
        ...


@runtime_checkable
class InPlaceRuntime(Runtime, Protocol):
    """A runtime whose input is filled, and whose answer is read, where they lie.

    Nothing is copied, and nothing is allocated per call. A call of `infer` leaves both as they
    are. Runtimes need not offer it: `Analyser` asks those that do not by `infer`.
    """

    @property
    def input(self) -> npt.NDArray[np.uint8]:
        """The first input's memory, of its shape: the caller writes into it before `run`."""
        ...

    @property
    def answer(self) -> Tensors:
        """The outputs' memory, by name: what the last `run` answered, until the next one."""
        ...

    def run(self) -> None:
        """Run once over `input` into `answer`, and wait.

        Raises:
            EngineFailed: the engine refused or failed.
        """
        ...


class RuntimeClass(Protocol):
    """How a runtime is made."""

    def __call__(
        self, model: bytes, *, precision: str, threads: int | None, weights: bytes | None = None
    ) -> Runtime:
        """Load a model.

        Args:
            model: the model file's bytes, already checked against its digest.
            precision: what the engine must compute in, such as "fp32" or "bf16".
            threads: CPU threads; None takes what affinity and quota allow.
            weights: the second file's bytes where the model is two files (OpenVINO's
                XML with its .bin, TensorRT-RTX's engine with its kernels), checked as well.

        Raises:
            MissingDependency: the engine is not installed.
            RuntimeUnavailable: this machine cannot run it as asked.
            EngineFailed: the engine refused the model.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeEntry:
    """Where a runtime's class lives, as "module:class", and what it can compute in."""

    path: str
    precisions: tuple[str, ...]


RUNTIMES: Final[Mapping[str, RuntimeEntry]] = {
    "onnxruntime": RuntimeEntry(
        path="sonoedge_runtimes.ort:OnnxRuntime", precisions=("fp32", "int8")
    ),
    "openvino": RuntimeEntry(
        path="sonoedge_runtimes.ov:OpenVino", precisions=("fp32", "bf16", "int8")
    ),
    "litert": RuntimeEntry(path="sonoedge_runtimes.litert:LiteRt", precisions=("fp32", "int8")),
    "tensorrt": RuntimeEntry(
        path="sonoedge_runtimes.trt:TensorRt", precisions=("fp32", "fp16", "int8")
    ),
    "tensorrt-rtx": RuntimeEntry(
        path="sonoedge_runtimes.trt_rtx:TensorRtRtx", precisions=("fp32", "fp16", "int8")
    ),
}

# A table of its own, which is not even imported unless the caller's code admits it: one of
# them ends the process on order, and no bundle may bring that about.
TEST_DOUBLES: Final = LATE_EDGES["test doubles"]

# Those whose class takes `spin=True`: between calls the engine's threads wait awake.
SPINNING: Final = ("onnxruntime",)

# Those whose class takes `pinned=True`: each thread gets a core of its own. Such an engine has an
# attribute `placement`, "pinned" or "free", which becomes "free" where cores are taken away.
PINNING: Final = ("onnxruntime", "openvino")


def runtimes(*, test_doubles: bool = False) -> Mapping[str, RuntimeEntry]:
    """The runtimes by name, and the test doubles where the caller admits them.

    Raises:
        MissingDependency: test doubles are admitted, and their package is not installed.
    """
    if not test_doubles:
        return RUNTIMES
    return {**RUNTIMES, **cast("Mapping[str, RuntimeEntry]", resolve(TEST_DOUBLES))}


def check_runtime_name(runtime: object, *, test_doubles: bool = False) -> None:
    """Refuse what is neither "auto" nor the name of a runtime.

    Raises:
        InvalidSettings: there is no such runtime.
        MissingDependency: test doubles are admitted, and their package is not installed.
    """
    if runtime == "auto":
        return
    table = runtimes(test_doubles=test_doubles)
    if not isinstance(runtime, str) or runtime not in table:
        raise InvalidSettings(f"runtime is {runtime!r}; use auto or one of {', '.join(table)}")


def runtime_class(name: str, *, test_doubles: bool = False) -> RuntimeClass:
    """The class of a runtime by its name; importing it is what needs the engine.

    Raises:
        InvalidSettings: there is no such runtime.
        MissingDependency: its package is not installed.
    """
    table = runtimes(test_doubles=test_doubles)
    if name not in table:
        raise InvalidSettings(f"no runtime is called {name!r}; there are {', '.join(table)}")
    return cast("RuntimeClass", resolve(table[name].path))


def resolve(path: str) -> object:
    """What "module:attribute" names; a missing part of sonoedge says how to install it."""
    module, _, attribute = path.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if error.name == package:
            raise MissingDependency(
                f"{package} is not installed; run: {install_command()}"
            ) from error
        raise
