"""Frames at their own pace, on a box that is not ours alone: one other process is busy."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from sonoedge.child_process import child_command, child_settings
from sonoedge.errors import RuntimeUnavailable
from sonoedge_bench.modes.paced import paced
from sonoedge_bench.modes.plan import Plan
from sonoedge_bench.modes.tape import Recording


def beside(plan: Plan, recording: Recording) -> None:
    """As `paced`, while a process of our own wants a core for itself all the time.

    It is bound to no core: where the scheduler puts it, and the engine's threads, is what is
    measured.

    Raises:
        RuntimeUnavailable: the busy process ended before the measurement.
        SonoedgeError: as `paced`.
    """
    with busy_process():
        paced(plan, recording)


@contextmanager
def busy_process() -> Iterator[int]:
    """A process that counts for nobody; gives its id, and ends it.

    Raises:
        RuntimeUnavailable: it ended by itself meanwhile.
    """
    process = subprocess.Popen(
        child_command("busy process"), stdout=subprocess.PIPE, **child_settings()
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()  # from here on it is busy
        yield process.pid
        if process.poll() is not None:
            raise RuntimeUnavailable(
                f"the busy process beside the measurement ended with {process.returncode}; "
                "measure again"
            )
    finally:
        process.kill()
        process.communicate()


def main() -> None:
    """The busy process: says that it has begun, and counts until it is ended."""
    print("busy", flush=True)
    number = 0
    while True:
        number = (number + 1) & 0xFFFF
