"""Programs in C beside the client, compiled as strictly as compilers can be."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[1] / "sdk/c"
STRICT = (
    "-std=c99",
    "-Wall",
    "-Wextra",
    "-Wpedantic",
    "-Wconversion",
    "-Wshadow",
    "-Werror",
    "-ffp-contract=off",
)
SANITIZED = ("-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")


def build_client(program: Path, main: Path, *options: str, compiler: str = "gcc") -> Path:
    """Compile a program with the client; skips where there is no such compiler."""
    if shutil.which(compiler) is None:
        pytest.skip(f"needs {compiler}")
    files = [*SOURCES.glob("common/*.c"), *SOURCES.glob("client/*.c"), main]
    command = [compiler, *STRICT, *options, f"-I{SOURCES}", "-o", program, *files]
    subprocess.run(command, check=True)
    return program
