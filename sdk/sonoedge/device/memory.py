"""How much memory a process has of its own."""

from __future__ import annotations

import os
from pathlib import Path


def private_bytes(pid: int, proc: Path = Path("/proc")) -> int | None:
    """Bytes that a process alone keeps in memory: neither files' nor shared with another.

    From the kernel's account (`/proc/PID/statm`: resident less shared); None where there is
    none, or the process is gone.
    """
    try:
        fields = (proc / str(pid) / "statm").read_text().split()
        return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None
