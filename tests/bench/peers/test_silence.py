from __future__ import annotations

import subprocess
import sys
from pathlib import Path

# As converters do: this process, past Python, and a child.
CHATTER = """
import os, subprocess, sys
from silence import silence

def chatter(error=None):
    print("python")
    os.write(1, b"library\\n")
    subprocess.run([sys.executable, "-S", "-c", "print('child')"], check=True)
    if error is not None:
        raise error
"""


def run(repository: Path, program: str) -> subprocess.CompletedProcess[str]:
    """A program of its own: pytest has put its own stream in the place of standard output."""
    return subprocess.run(
        [sys.executable, "-c", CHATTER + program],
        cwd=repository / "benchmarks/peers",
        capture_output=True,
        text=True,
        check=False,
    )


def test_nothing_is_shown_and_what_comes_before_and_behind_is(repository: Path) -> None:
    done = run(repository, "print('before')\nwith silence(): chatter()\nprint('behind')")
    assert (done.returncode, done.stdout, done.stderr) == (0, "before\nbehind\n", "")


def test_an_error_shows_what_led_to_it(repository: Path) -> None:
    done = run(repository, "with silence(KeyError): chatter(RuntimeError('broken'))")
    assert done.stdout == ""
    assert {"python", "library", "child", "RuntimeError: broken"} <= set(done.stderr.splitlines())


def test_an_error_that_was_expected_shows_nothing(repository: Path) -> None:
    program = "try:\n  with silence(KeyError): chatter(KeyError())\nexcept KeyError: pass"
    done = run(repository, program)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
