"""Build an engine in a child process: a parser that crashes takes nothing else with it."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, cast

from sonoedge.child_process import child_command, child_settings
from sonoedge.descriptors import pipe
from sonoedge.durable import replace_durably
from sonoedge.errors import (
    EngineBuildFailed,
    InvalidSettings,
    MissingDependency,
    RuntimeUnavailable,
    SonoedgeError,
)
from sonoedge_runtimes.trt_build.log import by_precision, compiled_layers
from sonoedge_runtimes.trt_build.report import BuildReport, BuildResult, Flavour
from sonoedge_runtimes.trt_devices import check_device

RAISED: Final[tuple[type[SonoedgeError], ...]] = (
    MissingDependency,
    RuntimeUnavailable,
    InvalidSettings,
    EngineBuildFailed,
)


def build(
    onnx: bytes,
    *,
    flavour: Flavour,
    workspace_bytes: int | None = None,
    timing_cache: Path | None = None,
    compute_capability: str | None = None,
    device: str = "gpu",
    on_progress: Callable[[str], None] | None = None,
    timeout_s: float = 3600.0,
) -> BuildResult:
    """Build a strongly typed engine: precision is what the graph says, node by node.

    Args:
        onnx: the graph, whole in one file.
        flavour: "tensorrt" builds for the GPU in this machine and needs it;
            "tensorrt-rtx" needs no GPU.
        workspace_bytes: limit of the builder's scratch memory; None for TensorRT's own.
        timing_cache: file that is read where it exists, and replaced after the build;
            TensorRT-RTX has none and ignores it.
        compute_capability: such as "8.6"; "tensorrt-rtx" only. None builds for the
            machine's GPU ("tensorrt-rtx": for any from Ampere on).
        device: "gpu"; see `sonoedge_runtimes.trt_devices` for what is not built for.
        on_progress: gets one short line per step.
        timeout_s: after this many seconds the build is stopped.

    Raises:
        MissingDependency: this TensorRT is not installed.
        RuntimeUnavailable: it cannot build on this machine (no GPU, no driver), or not
            for this device.
        InvalidSettings: an argument is out of range, or not for this flavour.
        EngineBuildFailed: the graph was refused, the builder failed, crashed, or took
            too long; the message carries TensorRT's own words.
    """
    _check(flavour, workspace_bytes, compute_capability, timeout_s)
    check_device(device)
    request = {
        "flavour": flavour,
        "workspace_bytes": workspace_bytes,
        "compute_capability": compute_capability,
    }
    with tempfile.TemporaryDirectory(prefix="sonoedge-build-") as scratch:
        place = Path(scratch)
        (place / "request.json").write_text(json.dumps(request))
        (place / "graph.onnx").write_bytes(onnx)
        if timing_cache is not None and timing_cache.exists():
            (place / "timing.cache").write_bytes(timing_cache.read_bytes())
        failure = _run(place, on_progress or (lambda line: None), timeout_s)
        outcome = _outcome(place, failure)
        if timing_cache is not None and flavour == "tensorrt":
            timing_cache.parent.mkdir(parents=True, exist_ok=True)
            replace_durably(timing_cache, (place / "timing.cache").read_bytes())
        records = _records(place)
        return _result(request, (place / "engine").read_bytes(), outcome, records)


def _check(
    flavour: str, workspace_bytes: int | None, capability: str | None, timeout_s: float
) -> None:
    if flavour not in ("tensorrt", "tensorrt-rtx"):
        raise InvalidSettings(f"flavour is {flavour!r}; use tensorrt or tensorrt-rtx")
    if workspace_bytes is not None and workspace_bytes < 1:
        raise InvalidSettings("workspace_bytes must be above 0, or None")
    if timeout_s <= 0:
        raise InvalidSettings("timeout_s must be above 0")
    if capability is not None:
        if flavour != "tensorrt-rtx":
            raise InvalidSettings("TensorRT builds for the GPU in this machine and no other")
        if re.fullmatch(r"\d{1,2}\.\d", capability) is None:
            raise InvalidSettings(f"compute capability is {capability!r}; write it as 8.6")


def _run(place: Path, on_progress: Callable[[str], None], timeout_s: float) -> str | None:
    """Run the child to its end; how it ended, or None where it ended well."""
    read_end, write_end = pipe()
    try:
        with (place / "output.txt").open("wb") as output:
            process = subprocess.Popen(
                child_command("tensorrt build child", str(place), str(write_end)),
                pass_fds=(write_end,),
                stdout=output,
                **child_settings() | {"stderr": output},
            )
    except BaseException:
        os.close(read_end)
        raise
    finally:
        os.close(write_end)
    try:
        if not _listen(read_end, on_progress, time.monotonic() + timeout_s):
            return f"it was stopped after {timeout_s:g} s"
        code = process.wait()
    finally:
        os.close(read_end)
        process.kill()
        process.wait()
    if code < 0:
        return f"the builder's process was ended by {signal.Signals(-code).name}"
    return None if code == 0 else f"the builder's process ended with exit code {code}"


def _listen(fd: int, on_progress: Callable[[str], None], deadline_s: float) -> bool:
    """Hand the child's lines on until it closes its end; False when the time is up."""
    tail = b""
    while True:
        left_s = deadline_s - time.monotonic()
        if left_s <= 0 or not select.select([fd], [], [], left_s)[0]:
            return False
        piece = os.read(fd, 1 << 14)
        if not piece:
            return True
        *lines, tail = (tail + piece).split(b"\n")
        for line in lines:
            on_progress(line.decode(errors="replace"))


def _outcome(place: Path, failure: str | None) -> dict[str, Any]:
    file = place / "outcome.json"
    if failure is not None or not file.exists():
        raise EngineBuildFailed(f"no engine was built: {failure}; last words: {_last(place)}")
    outcome: dict[str, Any] = json.loads(file.read_text())
    if "token" in outcome:
        raised = {cls.token: cls for cls in RAISED}.get(outcome["token"], EngineBuildFailed)
        raise raised(outcome["message"])
    return outcome


def _last(place: Path) -> str:
    """What a child that ended badly said last, in the log or elsewhere."""
    output = (place / "output.txt").read_text(errors="replace").strip()
    records = _records(place)
    return (output[-400:] or (records[-1][1][:400] if records else "")) or "none"


def _records(place: Path) -> list[tuple[str, str]]:
    file = place / "log.jsonl"
    records = []
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        try:
            severity, message = json.loads(line)
        except ValueError:
            continue  # the line that a crash cut off
        records.append((severity, message))
    return records


def _result(
    request: dict[str, Any],
    engine: bytes,
    outcome: dict[str, Any],
    records: list[tuple[str, str]],
) -> BuildResult:
    layers = compiled_layers(records)
    warnings = dict.fromkeys(m.strip()[:300] for s, m in records if s == "WARNING")
    report = BuildReport(
        flavour=cast("Flavour", request["flavour"]),
        versions=outcome["versions"],
        compute_capability=request["compute_capability"],
        layers=layers,
        by_precision=by_precision(layers),
        int8_convs=tuple(e.name for e in layers if e.weighted and e.precision == "int8"),
        warnings=tuple(warnings),
        seconds=round(outcome["seconds"], 3),
        engine_bytes=len(engine),
    )
    log = "\n".join(f"[{severity}] {message}" for severity, message in records) + "\n"
    return BuildResult(engine=engine, report=report, log=log)
