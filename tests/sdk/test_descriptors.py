"""Descriptors of ours never take the numbers of standard input, output and error."""

from __future__ import annotations

import os
import subprocess
import sys

# In a process of its own: it closes its standard descriptors.
PROGRAM = """
import os, sys
result = os.dup(1)
os.set_inheritable(result, False)
for fd in (0, 1, 2):
    os.close(fd)
from sonoedge.descriptors import is_open, pipe, socket_pair
ends = [*pipe(), *(end.detach() for end in socket_pair())]
os.write(ends[1], b"through")
good = os.read(ends[0], 7) == b"through"
os.write(result, repr((good, min(ends) > 2, [is_open(fd) for fd in (0, 1, 2)])).encode())
os._exit(0)
"""


def run(program: str) -> str:
    path = os.pathsep.join(p for p in sys.path if p)
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_pipes_and_sockets_stay_above_closed_standard_descriptors() -> None:
    assert run(PROGRAM) == "(True, True, [False, False, False])"
