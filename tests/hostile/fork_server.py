"""Open bundles in children that are limited in memory and time: python fork_server.py

Each line of standard input is a JSON list [verb, folder]; each line of standard output says what
became of it: "OK", an error's token, "UNTYPED ...", "KILLED ..." or "HANG".

The children are forked by a process of one thread that has imported everything: a bundle may
end its child, exhaust its memory, or hang it.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import sys
from pathlib import Path

import cv2  # noqa: F401 - so that no child must import it

import sonoedge
import sonoedge_runtimes.ort  # noqa: F401
from sonoedge.cli import main
from sonoedge.engines.options import EngineOptions
from sonoedge.errors import SonoedgeError
from sonoedge.verbs.inspect import inspect

MEMORY = 1 << 30  # beyond what this process has itself
CPU_S = 20
WALL_S = 120  # of a machine that has other things to do


def use(verb: str, folder: str) -> str:
    try:
        if verb == "inspect":
            inspect([folder])
        elif verb == "open":
            sonoedge.open(folder, EngineOptions(runtime="onnxruntime")).close()
        else:
            return f"EXIT {main([verb, folder])}"
    except SonoedgeError as error:
        return error.token
    except BaseException as error:  # noqa: BLE001 - that is what is looked for
        return f"UNTYPED {type(error).__name__}: {error}"[:300]
    return "OK"


def child(verb: str, folder: str, out: int) -> None:
    own = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (own + MEMORY, own + MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    os.write(out, use(verb, folder).encode(errors="replace"))
    os._exit(0)


def guarded(verb: str, folder: str) -> str:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        child(verb, folder, writing)
    os.close(writing)
    ready, _, _ = select.select([reading], [], [], WALL_S)
    outcome = os.read(reading, 1 << 12).decode() if ready else "HANG"
    os.close(reading)
    if not ready:
        os.kill(pid, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return outcome or f"KILLED {code}"


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(guarded(*json.loads(line))), flush=True)
