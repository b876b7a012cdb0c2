"""Asking a process of its own whether a bundle works here."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import time
from typing import Any, Final, Protocol

from sonoedge.bundle import Bundle
from sonoedge.child_process import child_command, child_settings
from sonoedge.engines.options import EngineOptions
from sonoedge.error_tokens import error_of
from sonoedge.errors import (
    EngineCrashed,
    EngineFailed,
    GateFailed,
    InvalidSettings,
    SonoedgeError,
)
from sonoedge.session.worker.setup import setup_of
from sonoedge.settings import read
from sonoedge.store.health.limits import HealthLimits
from sonoedge.store.health.report import HealthReport
from sonoedge.strict_json import parse_json

MOST_BYTES: Final = 1 << 16
_PIECE: Final = 1 << 14


class SelfTest(Protocol):
    """Whether a bundle works here; `self_test` is the one that asks."""

    def __call__(
        self, bundle: Bundle, engine: EngineOptions, limits: HealthLimits
    ) -> HealthReport: ...


def self_test(bundle: Bundle, engine: EngineOptions, limits: HealthLimits) -> HealthReport:
    """Open a bundle in a process of its own, compare its golden frames, and time them.

    Whatever the bundle does to that process, this one lives.

    Args:
        bundle: a bundle whose signatures were checked; the process opens the same manifest.
        engine: how it will be opened.

    Raises:
        SonoedgeError: as `sonoedge.open`: a file is damaged, an engine is missing, a golden
            frame is answered otherwise.
        EngineCrashed: the process died, or took longer than `limits.timeout_s`.
        EngineFailed: it took more memory than it may.
        GateFailed: it is slower than `limits.max_ms`.
    """
    report = _report(*_ask(bundle, engine, limits))
    if limits.max_ms is not None and (report.p99_ms is None or report.p99_ms > limits.max_ms):
        raise GateFailed(
            f"the bundle is too slow here: 99 % of {report.frames} golden frames took up to "
            f"{report.p99_ms:.1f} ms, allowed {limits.max_ms:g} ms"
        )
    return report


def _ask(bundle: Bundle, engine: EngineOptions, limits: HealthLimits) -> tuple[bytes, int | None]:
    """What the process said, and its exit code; None where its time was up."""
    setup = setup_of(bundle, engine)
    reading, writing = os.pipe()
    try:
        process = subprocess.Popen(
            child_command(
                "store self-test",
                str(writing),
                str(limits.memory_mib),
                str(limits.frames),
                json.dumps(setup.to_plain()),
            ),
            pass_fds=(writing,),
            stdout=subprocess.DEVNULL,  # some engines print there
            **child_settings(),
        )
    except OSError as error:
        os.close(reading)
        raise EngineFailed(f"no process for the self-test can be started: {error}") from None
    finally:
        os.close(writing)
    end_s = time.monotonic() + limits.timeout_s
    try:
        data, in_time = _until_closed(reading, end_s)
        if in_time:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, end_s - time.monotonic()))
        return data, process.poll()
    finally:
        os.close(reading)
        if process.returncode is None:  # else its number may be another's by now
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # and whatever an engine has started
            process.wait()


def _until_closed(fd: int, end_s: float) -> tuple[bytes, bool]:
    data = b""
    while len(data) <= MOST_BYTES:
        ready, _, _ = select.select([fd], [], [], max(0.0, end_s - time.monotonic()))
        if not ready:
            return data, False
        piece = os.read(fd, _PIECE)
        if not piece:
            break
        data += piece
    return data, True


def _report(data: bytes, code: int | None) -> HealthReport:
    if code is None:
        raise EngineCrashed("the bundle's self-test did not end in time; it was killed")
    if code != 0 or not data:
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
        raise EngineCrashed(f"the process that tested the bundle {how}")
    try:
        answer: dict[str, Any] = parse_json(data, "the self-test's answer", most_bytes=MOST_BYTES)
        kind = answer.pop("is")
        if kind == "passed":
            return read(HealthReport, answer)
        error: SonoedgeError = error_of(answer["token"], answer["message"])
    except (InvalidSettings, KeyError, TypeError, AttributeError) as nonsense:
        raise EngineCrashed(f"the self-test's answer makes no sense: {nonsense}") from None
    raise error
