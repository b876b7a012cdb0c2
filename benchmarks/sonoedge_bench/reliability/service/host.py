"""The host in C that is driven: built from a checkout, with the compiler of the box."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Final

from sonoedge.errors import MissingDependency

CHECKOUT: Final = Path(__file__).parents[4]
SOURCE: Final = CHECKOUT / "benchmarks/hosts/service_host.c"
CLIENT: Final = CHECKOUT / "sdk/c"


def missing() -> str | None:
    """What the host cannot be built for; None where it can."""
    if not (SOURCE.is_file() and (CLIENT / "sonoedge.h").is_file()):
        return "it needs a checkout: the C client is not part of the wheel"
    if shutil.which("cc") is None:
        return "it needs a C compiler: apt-get install gcc"
    return None


def build_host(folder: Path) -> Path:
    """Compile the host into a folder; returns the program.

    Raises:
        MissingDependency: there is no compiler, no source, or they do not go together.
    """
    why = missing()
    if why is not None:
        raise MissingDependency(f"the host in C cannot be built: {why}")
    program = folder / "service_host"
    sources = [*CLIENT.glob("client/*.c"), *CLIENT.glob("common/*.c"), SOURCE]
    command = ["cc", "-std=c99", "-O2", f"-I{CLIENT}", "-o", str(program), *map(str, sources)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise MissingDependency(f"the host in C cannot be built: {done.stderr.strip()[:500]}")
    return program
