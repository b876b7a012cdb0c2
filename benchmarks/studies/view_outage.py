"""How soon the live page says that its picture is not live any more.

    python -m studies.view_outage BUNDLE SOURCE [--fps N] [--rounds N] [--runtime NAME]

Starts `sonoedge view` on a recording of at least ten seconds, looks at the page in a headless
Chromium, and stops or kills the verb's process, or its engine's. Prints the seconds until the
page's headline changed, what it then read, and whether it came back by itself.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sonoedge.errors import MissingDependency
from sonoedge.late_edges import LATE_EDGES
from studies.view_cost import OPTIONS

LIVE: Final = ("ANALYSED", "SUSPICIOUS", "FLAG")
LIMIT_S: Final = 60.0
POLL_S: Final = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """What is done to whom.

    Attributes:
        engine: to the engine's process; otherwise to the verb's own.
    """

    name: str
    number: signal.Signals
    engine: bool


OUTAGES: Final = (
    Outage(name="process stopped", number=signal.SIGSTOP, engine=False),
    Outage(name="process killed", number=signal.SIGKILL, engine=False),
    Outage(name="engine stopped", number=signal.SIGSTOP, engine=True),
    Outage(name="engine killed", number=signal.SIGKILL, engine=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the page showed of an outage.

    Attributes:
        headline, words: what the line at the top read first of it.
        after_s: seconds from the signal.
        returned: it read as live again by itself.
    """

    headline: str
    words: str
    after_s: float
    returned: bool


def engine_pid(pid: int) -> int:
    """The engine's process of a verb's process; 0 while there is none."""
    module = LATE_EDGES["session worker"]
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            if module in Path(f"/proc/{child}/cmdline").read_text():
                return int(child)
    return 0


def wait_for(condition: Callable[[], bool]) -> float:
    """Seconds until it holds.

    Raises:
        TimeoutError: it does not.
    """
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > LIMIT_S:
            raise TimeoutError(f"the page has not changed within {LIMIT_S:.0f} s")
        time.sleep(POLL_S)
    return time.monotonic() - began


def headline(page: Any) -> str:
    """What the page says at the top."""
    return str(page.locator("#headline").text_content())


@contextmanager
def verb(page: Any, command: list[str]) -> Iterator[subprocess.Popen[str]]:
    """The verb's process, whose page reads as live by now.

    Raises:
        TimeoutError: it does not.
    """
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            page.goto(process.stdout.readline().strip())
            wait_for(lambda: headline(page) in LIVE)
            yield process
        finally:
            process.kill()


def see(page: Any, command: list[str], outage: Outage) -> Seen:
    """Run the verb, look at its page, do that to it, and tell what the page showed.

    Raises:
        TimeoutError: the page did not come to life, or did not change.
    """
    with verb(page, command) as process:
        page.wait_for_timeout(1000)
        wait_for(lambda: headline(page) in LIVE)
        os.kill(engine_pid(process.pid) if outage.engine else process.pid, outage.number)
        after_s = wait_for(lambda: headline(page) not in LIVE)
        first, words = headline(page), str(page.locator("#explained").text_content())
        if outage.engine:
            wait_for(lambda: headline(page) in LIVE)
        return Seen(headline=first, words=words, after_s=after_s, returned=outage.engine)


@contextmanager
def new_page() -> Iterator[Any]:
    """A page of a headless Chromium.

    Raises:
        MissingDependency: Playwright or Chromium is missing.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise MissingDependency("Chromium is not installed; on Debian: apt-get install chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError as error:
        raise MissingDependency(
            "playwright is not installed; run: python -m pip install -c constraints.txt playwright"
        ) from error
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=list(OPTIONS[1:-1]))
        yield browser.new_page()
        browser.close()


def main(argv: list[str] | None = None) -> int:
    """Print a line for each outage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle")
    parser.add_argument("source")
    parser.add_argument("--fps", default="15")
    parser.add_argument("--runtime", default="auto")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args(argv)
    command = [sys.executable, "-m", "sonoedge", "view", args.bundle, args.source]
    command += ["--fps", args.fps, "--runtime", args.runtime]
    with new_page() as page:
        for outage in OUTAGES:
            seen = [see(page, command, outage) for _ in range(args.rounds)]
            seconds = ", ".join(f"{one.after_s:.2f}" for one in seen)
            words = " / ".join(dict.fromkeys(f"{one.headline}: {one.words}" for one in seen))
            back = "; live again by itself" if all(one.returned for one in seen) else ""
            print(f"{outage.name}: after {seconds} s: {words}{back}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
