"""The native library's frame path, compiled on the spot."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Final

SOURCES: Final = Path(__file__).resolve().parents[2] / "sdk/c"
STRICT: Final = (
    "-std=c99",
    "-Wall",
    "-Wextra",
    "-Wpedantic",
    "-Wconversion",
    "-Wshadow",
    "-Werror",
    "-ffp-contract=off",
)


def files() -> list[Path]:
    """What the frame path is made of."""
    return [*sorted((SOURCES / "core/frame").glob("*.c")), SOURCES / "core/text.c"]


def compiled(compiler: str, to: Path, *further: str | Path) -> Path:
    """A program or library of the frame path.

    Raises:
        FileNotFoundError: there is no such compiler.
    """
    found = shutil.which(compiler)
    if found is None:
        raise FileNotFoundError(compiler)
    command = [found, *STRICT, "-O3", f"-I{SOURCES}", "-o", to, *files(), *further, "-lm"]
    subprocess.run(list(map(str, command)), check=True)
    return to
