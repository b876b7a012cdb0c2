"""Inputs in forked children, limited in memory and time; which input ended one is known.

The child writes the number of its input into memory that it shares with its parent before it
attacks, so that a death or a hang has a name whatever becomes of the process.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import resource
import select
import signal
import struct
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final

from fuzz.budget import Budget
from fuzz.entry_point import EntryPoint
from fuzz.tally import Find, Tally

BATCH: Final = 2_000
MEMORY: Final = 1 << 30  # address space beyond what the process has itself
HANG_CPU_S: Final = 5.0
HANG_WALL_S: Final = 120.0  # of a machine that has other things to do
STATE: Final = struct.Struct("<qqd")  # number, peak_kib, slowest_s
_TICKS: Final = os.sysconf("SC_CLK_TCK")

Inputs = Callable[[int], bytes]


def run_guarded(point: EntryPoint, inputs: Inputs, budget: Budget) -> Tally:
    """Attack with inputs 0, 1, 2, ... until the budget is used up."""
    tally, begin_s, deadline_s = Tally(), time.monotonic(), budget.deadline_s()
    most = sys.maxsize if budget.inputs is None else budget.inputs
    while tally.inputs < most and time.monotonic() < deadline_s:
        end = min(most, tally.inputs + BATCH)
        tally.inputs = _batch(point, inputs, tally, end, deadline_s)
    tally.seconds = time.monotonic() - begin_s
    return tally


def _batch(point: EntryPoint, inputs: Inputs, tally: Tally, end: int, deadline_s: float) -> int:
    """One child's inputs; the number of the next input."""
    state = mmap.mmap(-1, STATE.size)
    STATE.pack_into(state, 0, tally.inputs, 0, 0.0)
    reading, writing = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            os.close(reading)
            os.setpgid(0, 0)
            _child(point, inputs, range(tally.inputs, end), state, writing, deadline_s)
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    hung, reports = _watch(pid, state, reading)
    status = os.waitpid(pid, 0)[1]
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)  # what it had started
    number, peak_kib, slowest_s = STATE.unpack_from(state)
    tally.peak_kib = max(tally.peak_kib, peak_kib)
    tally.slowest_s = max(tally.slowest_s, slowest_s)
    for report in reports:
        tally.add(
            Find(
                kind="untyped",
                where=report["where"],
                data=inputs(report["number"]),
                detail=report["detail"],
            )
        )
    code = os.waitstatus_to_exitcode(status)
    if hung:
        tally.add(Find(kind="hang", where=f"{HANG_CPU_S:g}s", data=inputs(number)))
    elif code:
        where = signal.Signals(-code).name if code < 0 else f"exit-{code}"
        tally.add(Find(kind="crash", where=where, data=inputs(number)))
    return int(number) + 1 if hung or code else int(number)


def _child(
    point: EntryPoint,
    inputs: Inputs,
    numbers: range,
    state: mmap.mmap,
    writing: int,
    deadline_s: float,
) -> None:
    _limit_this_process()
    slowest_s = 0.0
    for number in numbers:
        if time.monotonic() >= deadline_s:
            break
        data = inputs(number)
        begin_s = time.process_time()
        try:
            point.attack(data)
        except point.tolerated:
            pass
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            _report(writing, number, error)
        slowest_s = max(slowest_s, time.process_time() - begin_s)
        peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        STATE.pack_into(state, 0, number + 1, peak_kib, slowest_s)


def _limit_this_process() -> None:
    own = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (own + MEMORY, own + MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):  # native libraries talk
        os.dup2(nothing, fd)


def _report(writing: int, number: int, error: Exception) -> None:
    report = {"number": number, "where": where_of(error), "detail": _detail(error)}
    os.write(writing, json.dumps(report).encode() + b"\n")


def _detail(error: Exception) -> str:
    lines = traceback.format_exception(error)
    return "".join(lines)[-3000:]


def where_of(error: Exception) -> str:
    """The type of an error and the line of ours that it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "sonoedge" in f.filename or "/points/" in f.filename] or frames
    return f"{type(error).__name__}-{Path(ours[-1].filename).stem}-{ours[-1].lineno}"


def _watch(pid: int, state: mmap.mmap, reading: int) -> tuple[bool, list[dict[str, str]]]:
    """Wait for the child's end; whether it was ended because it hung, and what it reported."""
    text, last, since_s, since_cpu_s, hung = b"", -1, 0.0, 0.0, False
    while True:
        if select.select([reading], [], [], 0.5)[0]:
            piece = os.read(reading, 1 << 16)
            if not piece:
                break
            text += piece
            continue
        number, now_s, cpu_s = STATE.unpack_from(state)[0], time.monotonic(), _cpu_s(pid)
        if number != last:
            last, since_s, since_cpu_s = number, now_s, cpu_s
        elif cpu_s - since_cpu_s > HANG_CPU_S or now_s - since_s > HANG_WALL_S:
            hung = True
            os.kill(pid, signal.SIGKILL)
            break
    os.close(reading)
    return hung, [json.loads(line) for line in text.splitlines() if line.endswith(b"}")]


def _cpu_s(pid: int) -> float:
    """Processor time of a process, seconds."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS
