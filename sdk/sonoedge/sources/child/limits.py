"""What a reader's process may take."""

from __future__ import annotations

import math
import resource
from dataclasses import dataclass

from sonoedge.errors import InvalidSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of a reader's process; whatever exceeds one costs its file.

    Attributes:
        memory_mib: address space of the process, mebibytes. What the libraries map
            counts, though most of it is never touched.
        open_s: seconds to open a file, the start of the process included.
        picture_s: seconds to wait for one picture.
        cpu_s: seconds of processor time for opening, and for each picture; they end a
            process that hangs even where nobody waits for it any more.
        file_mib: mebibytes of the largest file that the process may write; decoders write none.
    """

    memory_mib: int = 4096
    open_s: float = 60.0
    picture_s: float = 30.0
    cpu_s: int = 30
    file_mib: int = 0

    def __post_init__(self) -> None:
        seconds = (self.open_s, self.picture_s, float(self.cpu_s))
        if not all(math.isfinite(value) and value > 0 for value in seconds):
            raise InvalidSettings("open_s, picture_s and cpu_s must be above 0")
        if self.cpu_s < 1:
            raise InvalidSettings("cpu_s must be 1 or more")
        if self.file_mib < 0:
            raise InvalidSettings("file_mib must be 0 or more")
        if self.memory_mib < 512:
            raise InvalidSettings("memory_mib must be 512 or more: the libraries take most of it")


def limit_this_process(memory_mib: int, file_mib: int = 0) -> None:
    """Limit this process's memory and files, and let it write no core."""
    _lower(resource.RLIMIT_CORE, 0)  # a core file would hold a patient's picture
    _lower(resource.RLIMIT_FSIZE, file_mib << 20)
    _lower(resource.RLIMIT_AS, memory_mib << 20)


def allow_cpu(seconds: int) -> None:
    """Let this process compute for so many seconds more before the kernel ends it."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    limit = math.ceil(usage.ru_utime + usage.ru_stime) + seconds
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (_least(limit, hard), hard))


def _lower(what: int, value: int) -> None:
    """Set both limits; one that is lower already, set by an administrator, stays."""
    _, hard = resource.getrlimit(what)
    value = _least(value, hard)
    resource.setrlimit(what, (value, value))


def _least(value: int, hard: int) -> int:
    return value if hard == resource.RLIM_INFINITY else min(value, hard)
