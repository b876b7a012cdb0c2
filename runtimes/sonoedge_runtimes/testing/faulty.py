"""An engine that fails on order: what everything that must survive an engine is tested with."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.errors import EngineFailed, InvalidSettings
from sonoedge.runtime import Tensors, TensorSpec
from sonoedge.settings import read

Array = npt.NDArray[np.generic]
Kind = Literal[
    "hang",
    "sigsegv",
    "sigabrt",
    "sigkill",
    "exit",
    "raise",
    "memory",
    "nan",
    "wrong",
    "slow",
    "leak",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault, and when it strikes.

    Attributes:
        kind: "hang" never returns; "sigsegv", "sigabrt", "sigkill" and "exit" end the
            process; "raise" raises; "memory" raises MemoryError; "nan" and "wrong" spoil
            the answers; "slow" takes `ms` longer; "leak" keeps `bytes` more per call.
        at: "load", "call", or "idle", which is `ms` after call number `call` has returned.
        call: the first call of `infer` that it strikes, counted from 0 since loading. One
            that answers or waits strikes each call from there on.
        calls: it strikes no more than so many calls; None for no end.
        once: a file: whoever creates it is struck, whoever finds it is spared, so that an
            engine that is started anew is sound.
    """

    kind: Kind
    at: Literal["load", "call", "idle"] = "call"
    call: int = 0
    calls: int | None = None
    ms: float = 0.0
    bytes: int = 0
    once: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyModel:
    """The "model" file, as JSON.

    Attributes:
        inputs, outputs: tensors; the first input is the picture.
        faults: none gives a sound engine.
        base_ms: what a sound call takes, milliseconds.
    """

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    faults: tuple[Fault, ...] = ()
    base_ms: float = 0.0


class Faulty:
    """Finds dark spots without a network, and fails as its "model" says.

    Attributes:
        calls: how often `infer` was called.
    """

    def __init__(self, model: bytes, *, precision: str, threads: int | None) -> None:
        try:
            parsed = read(FaultyModel, json.loads(model))
        except (ValueError, InvalidSettings) as error:
            raise EngineFailed(f"this is no model of the faulty runtime: {error}") from error
        self.inputs, self.outputs = parsed.inputs, parsed.outputs
        self._model = parsed
        self.calls = 0
        self._leaked: list[bytes] = []
        for fault in parsed.faults:
            if fault.at == "load":
                self._strike(fault)

    def infer(self, tensors: Tensors) -> Tensors:
        """Maps that are bright where the picture is dark, and equal probabilities."""
        call, self.calls = self.calls, self.calls + 1
        now = [f for f in self._model.faults if f.at == "call" and _due(f, call)]
        if self._model.base_ms:
            time.sleep(self._model.base_ms / 1e3)
        for fault in now:
            self._strike(fault)
        answer = {s.name: _answer(s, tensors[self.inputs[0].name]) for s in self.outputs}
        for fault in now:
            if fault.kind in SPOIL:
                answer = {name: SPOIL[fault.kind](array) for name, array in answer.items()}
        for fault in self._model.faults:
            if fault.at == "idle" and fault.call == call:
                threading.Thread(target=self._later, args=(fault,), daemon=True).start()
        return answer

    def close(self) -> None:
        """Nothing to give back."""
        self._leaked.clear()

    def _later(self, fault: Fault) -> None:
        time.sleep(fault.ms / 1e3)
        self._strike(fault)

    def _strike(self, fault: Fault) -> None:
        if fault.once is not None and not _first(Path(fault.once)):
            return
        if fault.kind == "leak":
            self._leaked.append(os.urandom(fault.bytes))
        elif fault.kind == "slow":
            time.sleep(fault.ms / 1e3)
        elif fault.kind in END:
            END[fault.kind]()


def _due(fault: Fault, call: int) -> bool:
    return call >= fault.call and (fault.calls is None or call < fault.call + fault.calls)


def _first(path: Path) -> bool:
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _hang() -> None:
    while True:
        time.sleep(3600)


def _segv() -> None:
    ctypes.string_at(0)  # a null pointer, read by native code: the real thing


def _raise() -> None:
    raise EngineFailed("the faulty engine failed, as it was told to")


def _memory() -> None:
    raise MemoryError


END: Final[dict[str, Callable[[], None]]] = {
    "hang": _hang,
    "sigsegv": _segv,
    "sigabrt": os.abort,
    "sigkill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "exit": lambda: os._exit(3),
    "raise": _raise,
    "memory": _memory,
}


def _answer(spec: TensorSpec, picture: Array) -> Array:
    if spec.dtype == "uint8" and len(spec.shape) == 4:
        small = cv2.resize(
            np.asarray(picture[0, 0], dtype=np.uint8),
            (spec.shape[3], spec.shape[2]),
            interpolation=cv2.INTER_AREA,
        )
        return np.asarray(255 - cv2.blur(small, (3, 3)), dtype=np.uint8)[None, None]
    return np.full(spec.shape, 1 / spec.shape[-1], dtype=spec.dtype)


def _nan(array: Array) -> Array:
    """As a graph answers whose arithmetic broke: maps hold levels still, the flag is 0."""
    if array.dtype.kind == "f":
        return np.full_like(array, np.nan)
    return np.zeros_like(array) if array.ndim == 1 else array


def _inverted(array: Array) -> Array:
    """Upside down in value: still a map, still probabilities."""
    if array.dtype == np.uint8:
        return np.asarray(255 - np.asarray(array, dtype=np.uint8), dtype=np.uint8)
    return np.asarray(array[..., ::-1] * 0 + np.eye(array.shape[-1])[0], dtype=array.dtype)


SPOIL: Final[dict[str, Callable[[Array], Array]]] = {"nan": _nan, "wrong": _inverted}
