"""An update that is killed at random moments."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path

from faults.scenario import Ground, Update, make_ground
from sonoedge.errors import SonoedgeError


def kill_all(folder: Path, runs: int, seed: int) -> Counter[str]:
    """What came of `runs` updates that were killed, by outcome."""
    ground, moments = make_ground(folder), random.Random(seed)
    start_s = time.monotonic()
    ground.copy(folder / "timed").run()
    longest_s = 1.5 * (time.monotonic() - start_s)
    outcomes = Counter[str]()
    for _ in range(runs):
        update = ground.copy(folder / "killed")
        killed = _killed(update, moments.uniform(0.0, longest_s))
        outcomes[_outcome(ground, update) if killed else "done before"] += 1
    print(f"{runs} kills within {longest_s * 1e3:.0f} ms, seed {seed}: {dict(outcomes)}")
    return outcomes


def _killed(update: Update, after_s: float) -> bool:
    """Whether the update was still at work when it was killed."""
    sys.stdout.flush()
    pid = os.fork()
    if not pid:
        try:
            update.run()
        finally:
            os._exit(0)
    time.sleep(after_s)
    os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL


def _outcome(ground: Ground, update: Update) -> str:
    try:
        return update.check(ground.old, ground.new)
    except (AssertionError, SonoedgeError) as error:
        return f"BAD: {type(error).__name__}: {error}"
