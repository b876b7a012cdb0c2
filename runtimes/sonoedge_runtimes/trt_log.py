"""What TensorRT says, kept, and what it means.

TensorRT raises almost nothing: a call that fails gives None or False, and the reason is
in its log.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any, Final

from sonoedge.errors import EngineFailed, EngineMismatch, RuntimeUnavailable, SonoedgeError

MAX_RECORDS: Final = 200  # records
ERRORS: Final = ("ERROR", "INTERNAL_ERROR")
AGAIN: Final = "build it again on this device with sonoedge provision"

# part of a message: the error that it is to us, and what it means
MEANINGS: Final[tuple[tuple[str, type[SonoedgeError], str], ...]] = (
    (
        "magicTag",
        EngineMismatch,
        f"this is no TensorRT engine, or one of another product or major version; {AGAIN}",
    ),
    ("expecting library version", EngineMismatch, f"built by another TensorRT; {AGAIN}"),
    ("incompatible device", EngineMismatch, f"built for another GPU model; {AGAIN}"),
    ("hardware-compatible", EngineMismatch, f"built for newer GPUs than this one; {AGAIN}"),
    ("plan.header.size == blobSize", EngineMismatch, f"the engine is cut off; {AGAIN}"),
    ("empty memory buffer", EngineMismatch, f"the engine is empty; {AGAIN}"),
    (
        "CUDA driver version is insufficient",
        RuntimeUnavailable,
        "the NVIDIA driver is absent or too old for this TensorRT; run sonoedge doctor",
    ),
    (
        "CUDA initialization failure",
        RuntimeUnavailable,
        "there is no NVIDIA GPU to use; run sonoedge doctor",
    ),
    (
        "getCurrentCC",
        RuntimeUnavailable,
        "there is no NVIDIA GPU to use; run sonoedge doctor",
    ),
    (
        "OutOfMemory",
        EngineFailed,
        "not enough GPU memory; free some, or choose a smaller engine",
    ),
)

_loggers: dict[str, Any] = {}


class TensorRtLog:
    """The log of one TensorRT, which takes the first logger of a process and no other."""

    def __init__(self) -> None:
        self.records: deque[tuple[str, str]] = deque(maxlen=MAX_RECORDS)

    def add(self, severity: str, message: str) -> None:
        """Keep one record."""
        self.records.append((severity, message))

    def errors(self) -> list[str]:
        """The error messages since `clear`."""
        return [message for severity, message in self.records if severity in ERRORS]

    def clear(self) -> None:
        """Forget what was said: what follows belongs to the next step."""
        self.records.clear()

    def error(self, step: str) -> SonoedgeError:
        """The failure of a step, as an error of ours."""
        return meaning(step, self.errors())


def meaning(step: str, messages: Iterable[str]) -> SonoedgeError:
    """An error of ours for what TensorRT said when a step failed.

    Args:
        step: "TensorRT refused the engine", say.
        messages: its error messages, oldest first.
    """
    lines = list(messages)
    text = "\n".join(lines)
    for part, cls, means in MEANINGS:
        if part in text:
            return cls(f"{step}: {means} ({_short(lines[-1])})")
    return EngineFailed(f"{step}: {_short(lines[-1]) if lines else 'it gave no reason'}")


def logger(trt: Any) -> tuple[Any, TensorRtLog]:
    """This process's logger for a TensorRT module, and what it has heard."""
    name = trt.__name__
    if name not in _loggers:
        records = TensorRtLog()

        class Logger(trt.ILogger):  # type: ignore[misc]
            def __init__(self) -> None:
                trt.ILogger.__init__(self)  # super() would skip the native half

            def log(self, severity: Any, msg: str) -> None:
                records.add(severity.name, msg)

        _loggers[name] = (Logger(), records)
    logger_and_log: tuple[Any, TensorRtLog] = _loggers[name]
    return logger_and_log


def _short(message: str) -> str:
    return " ".join(message.split())[:300]
