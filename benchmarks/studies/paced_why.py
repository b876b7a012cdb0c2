"""Why a call that follows a pause takes longer than one that follows a call.

    python -m studies.paced_why BUNDLE [--variant ID...] [--fps 15] [--rounds 5]

Bare engine calls under conditions that differ in one thing each, in turns in one process:

    back to back      no pause
    flushed           no pause, but 64 MiB are read before each call: the caches are lost
    asleep            a pause at the pace of --fps, slept through
    awake             the same pause, the calling thread spinning
    cores awake       the same pause, slept through, while a process of the lowest
                      scheduling class spins on each core: no core halts
    ticked            the same pause, slept through, and just before its end an engine call
                      that is not timed: what keep_warm does

Of each call: milliseconds, milliseconds of all threads on a processor, voluntary and
forced context switches. Of each condition: how long its threads could have run and did
not. Probes are timed in the calls' place, after the same pauses: hashing 16 KiB once
(cold code shows) and 100 times (arithmetic in the first-level cache: a slower clock
shows), and reading 1 MiB (cold memory shows).
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import hashlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from sonoedge.bundle import Bundle, read_bundle
from sonoedge.device.cpu import cpu_wait_ms, usable_threads
from sonoedge.engines.load import load
from sonoedge.engines.options import EngineOptions
from sonoedge.processing.preprocess import Preprocess
from sonoedge.terminal.progress import Progress

CONDITIONS: Final = ("back to back", "flushed", "asleep", "awake", "cores awake", "ticked")
SPINNER: Final = """\
import os, sys
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
os.sched_setaffinity(0, {int(sys.argv[1])})
while os.getppid() == int(sys.argv[2]):
    for _ in range(100_000):
        pass
"""
COLUMNS: Final = ("ms", "cpu_ms", "sleeps", "forced")
Call = Callable[[], object]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--variant", action="append", help="may be given more than once")
    parser.add_argument("--threads", type=int, action="append", help="may be given more than once")
    parser.add_argument("--fps", type=float, default=15.0)
    parser.add_argument("--calls", type=int, default=20, help="per condition and round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="keep every sample")
    args = parser.parse_args(argv)
    bundle = read_bundle(args.bundle)
    calls = dict(_calls(bundle, args.variant, args.threads))
    rows: dict[tuple[str, str], list[tuple[float, ...]]] = {}
    waits: dict[tuple[str, str], float] = {}
    progress, blocks = Progress((args.rounds + 1) * len(CONDITIONS) * len(calls)), 0
    for round_ in range(-1, args.rounds):  # the first is a warm-up
        for condition in CONDITIONS:
            for name, call in calls.items():
                before = sum(cpu_wait_ms(os.getpid()).values())
                with _cores_awake() if condition == "cores awake" else contextlib.nullcontext():
                    block = list(_block(condition, call, 1 / args.fps, args.calls))
                blocks += 1
                progress.show(blocks, f"{name}, {condition}")
                if round_ >= 0:
                    key = name, condition
                    rows.setdefault(key, []).extend(block)
                    waited = sum(cpu_wait_ms(os.getpid()).values()) - before
                    waits[key] = waits.get(key, 0.0) + waited
    progress.clear()
    _print(rows, waits)
    if args.json:
        rows_json = [{"call": n, "condition": c, "samples": v} for (n, c), v in rows.items()]
        args.json.write_text(json.dumps({"columns": COLUMNS, "fps": args.fps, "rows": rows_json}))
    return 0


def _calls(
    bundle: Bundle, variants: Sequence[str] | None, threads: Sequence[int] | None
) -> Iterator[tuple[str, Call]]:
    """What is timed: engines with one thread and with all, with and without spinning; probes."""
    scale = Preprocess(bundle.manifest.preprocess)
    tensor = scale(bundle.golden_frames()[0])[0].copy()
    name = bundle.manifest.inputs[0].name
    for variant in bundle.manifest.variants:
        if variants and variant.id not in variants:
            continue
        for count in threads or sorted({1, usable_threads()}):
            for spin in (False, True):
                if spin and (variant.runtime != "onnxruntime" or count == 1):
                    continue
                engine = load(
                    bundle, variant, options=EngineOptions(threads=count, spin=spin)
                ).engine
                label = f"{variant.id}, {count} thread{'s'[: count - 1]}"
                call = functools.partial(engine.infer, {name: tensor})
                yield label + (", spinning" if spin else ""), call
    block, memory = bytes(1 << 14), np.ones(1 << 17)
    yield "hashing 16 KiB", lambda: hashlib.sha256(block).digest()
    yield "hashing it 100 times", lambda: [hashlib.sha256(block) for _ in range(100)]
    yield "reading 1 MiB", lambda: float(np.add.reduce(memory))


def _block(
    condition: str, call: Call, pace_s: float, count: int
) -> Iterator[tuple[float, float, int, int]]:
    big = np.ones(1 << 23)  # 64 MiB
    due = time.monotonic()
    call()
    for _ in range(count):
        due += pace_s
        if condition == "flushed":
            float(np.add.reduce(big))
        elif condition == "awake":
            while time.monotonic() < due:
                pass
        elif condition == "ticked":
            start = time.monotonic()
            call()
            duration_s = time.monotonic() - start
            time.sleep(max(0.0, due - duration_s - 0.002 - time.monotonic()))
            call()
            time.sleep(max(0.0, due - time.monotonic()))
        elif condition != "back to back":
            time.sleep(max(0.0, due - time.monotonic()))
        usage = resource.getrusage(resource.RUSAGE_SELF)
        cpu, start_ns = time.process_time_ns(), time.monotonic_ns()
        call()
        duration_ns, cpu = time.monotonic_ns() - start_ns, time.process_time_ns() - cpu
        after = resource.getrusage(resource.RUSAGE_SELF)
        due = max(due, time.monotonic() - pace_s)
        yield (
            duration_ns / 1e6,
            cpu / 1e6,
            after.ru_nvcsw - usage.ru_nvcsw,
            after.ru_nivcsw - usage.ru_nivcsw,
        )


@contextlib.contextmanager
def _cores_awake() -> Iterator[None]:
    """Processes that run only where nothing else wants to, one per core."""
    command = [sys.executable, "-c", SPINNER]
    cores = sorted(os.sched_getaffinity(0))
    block = [subprocess.Popen([*command, str(core), str(os.getpid())]) for core in cores]
    time.sleep(0.2)
    try:
        yield
    finally:
        for process in block:
            process.kill()
            process.wait()


def _print(
    rows: dict[tuple[str, str], list[tuple[float, ...]]], waits: dict[tuple[str, str], float]
) -> None:
    head = f"{'call':<44}{'condition':<15}{'p50 ms':>9}{'p99':>9}{'to back':>9}{'cpu ms':>9}"
    print(f"{head}{'sleeps':>8}{'forced':>8}{'waited':>8}")
    for (name, condition), samples in sorted(rows.items(), key=lambda row: row[0][0]):
        ms, cpu, sleeps, forced = np.array(samples).T
        against = np.median([s[0] for s in rows[name, "back to back"]])
        print(
            f"{name:<44}{condition:<15}{np.median(ms):>9.3f}{np.percentile(ms, 99):>9.3f}"
            f"{np.median(ms) / against:>9.2f}{np.median(cpu):>9.3f}{sleeps.mean():>8.1f}"
            f"{forced.mean():>8.1f}{waits[name, condition] / len(ms):>8.3f}"
        )


if __name__ == "__main__":
    sys.exit(main())
