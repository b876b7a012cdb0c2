"""A failure drill: a crash, a hang, a freeze and a slow callback, done to a live session.

python examples/faults.py BUNDLE [--seconds N]

Nothing is simulated but the cause: the worker process is killed with SIGKILL, stopped
with SIGSTOP in the middle of its work, given a frozen picture, and its results are taken
by a callback that sleeps. A line is printed whenever what a host would show changes.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable

import numpy as np

import sonoedge
from sonoedge.bundle import read_bundle

COLOURS = {"READY": 32, "DEGRADED": 33, "PAUSED": 36}  # the others are red
FPS = 30


class Drill:
    """Submits a moving view at 30 frames per second, and prints what changes."""

    def __init__(self, bundle: str, seconds: float) -> None:
        self.pictures = read_bundle(bundle).golden_frames()
        self.seconds = seconds
        self.nap_s = 0.0
        self.session = sonoedge.live(
            bundle,
            lambda analysis: time.sleep(self.nap_s),
            max_age_ms=1000,
            deadline_ms=400,
            standby=True,
        )
        self.begin = time.monotonic()
        self.number = 0
        self.shown = ""

    def act(
        self, title: str, cause: Callable[[], object] | None = None, *, freeze: bool = False
    ) -> None:
        """One failure: its cause at the beginning, then live frames for a while."""
        print(f"\n-- {title}")
        if cause is not None:
            cause()
        end = time.monotonic() + self.seconds
        while time.monotonic() < end:
            self.number += not freeze
            picture = self.pictures[self.number // 60 % len(self.pictures)]
            view = np.roll(picture, self.number % 60, axis=1)  # a slow pan
            self.session.submit(sonoedge.Frame(pixels=view))
            self.show()
            time.sleep(1 / FPS)

    def show(self) -> None:
        """State and newest result, if they are not what was shown before."""
        status, result = self.session.status(), self.session.latest()
        said = "no result yet"
        if isinstance(result, sonoedge.NotAnalysed):
            said = "not analysed: " + " ".join(r.value for r in result.reasons)
        elif result is not None:
            said = f"analysed, {'FLAGGED' if result.flagged else 'nothing flagged'}"
        state = status.state.value
        now = f"{state:<12} {' '.join(status.reasons):<16} {said}"
        if status.deaths:  # a standby may have taken over between two looks
            now += f"; engines replaced {status.deaths}"
        if now != self.shown:
            self.shown = now
            print(
                f"{time.monotonic() - self.begin:7.2f} s  {coloured(now, COLOURS.get(state, 31))}"
            )

    def hit(self, number: signal.Signals) -> None:
        """Send the worker a signal, as a crash or a hang would end or stop it."""
        worker = self.session.worker_pid
        if worker is not None:
            os.kill(worker, number)


def coloured(text: str, colour: int) -> str:
    """In colour on a terminal, and as it is in a file or a pipe, or where NO_COLOR is set."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\033[{colour}m{text}\033[0m"


def main(bundle: str, seconds: float) -> None:
    drill = Drill(bundle, seconds)
    with drill.session as session:
        drill.act("all is well")
        drill.act("the engine crashes: SIGKILL", lambda: drill.hit(signal.SIGKILL))
        drill.act("the engine hangs: SIGSTOP", lambda: drill.hit(signal.SIGSTOP))
        drill.act("the picture freezes, the scanner goes on sending it", freeze=True)
        drill.act("the operator pauses", session.pause)
        drill.act("and resumes", session.resume)
        drill.nap_s = 0.5
        drill.act("the host's callback takes half a second per result")
        drill.nap_s = 0.0
        session.drain(3.0)
    status = session.status()
    counters = status.counters
    rows = {"analysed": counters.analysed, "superseded": counters.superseded}
    rows |= {f"not analysed: {name}": n for name, n in sorted(counters.not_analysed.items())}
    print(f"\nengines replaced {status.deaths}; host alive; every frame accounted for:")
    for name, count in rows.items():
        print(f"  {name:<32}{count:>7}")
    print(f"  {'submitted':<32}{counters.submitted:>7}  =  sum {sum(rows.values())}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A failure drill.")
    parser.add_argument("bundle", metavar="BUNDLE")
    parser.add_argument("--seconds", type=float, default=2.5, metavar="N", help="for each act")
    args = parser.parse_args()
    main(args.bundle, args.seconds)
