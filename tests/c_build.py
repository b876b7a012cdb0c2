"""Builds C programs and the native library for tests, as strictly as they are meant to compile."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import pytest

from effort import EMULATED
from once import made_once

C: Final = Path(__file__).resolve().parents[1] / "sdk/c"
STRICT: Final = (
    *("-std=c99", "-O2", "-g", "-ffp-contract=off"),
    *("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"),
)
SANITIZED: Final = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
LIBRARIES: Final = ("-lm", "-ldl", "-pthread")
# An emulated Python (`make emulate`) loads what is for its own processor.
GCC: Final = "aarch64-linux-gnu-gcc" if EMULATED else "gcc"
COMPILERS: Final = (GCC,) if EMULATED else ("gcc", "clang")


def core_sources() -> list[Path]:
    """The native library without its public calls: what reads, looks and finds."""
    folders = ("core", "core/read", "core/frame", "core/engine")
    return [path for folder in folders for path in sorted((C / folder).glob("*.c"))]


def library_sources() -> list[Path]:
    """The whole native library, the service's client with it."""
    client = [path for path in sorted((C / "client").glob("*.c")) if path.name != "open.c"]
    return [
        *core_sources(),
        *sorted((C / "core/library").glob("*.c")),
        *sorted((C / "common").glob("*.c")),
        *client,
    ]


def build(
    out: Path,
    sources: Iterable[Path],
    *,
    compiler: str = GCC,
    flags: Sequence[str] = (),
    libraries: Sequence[str] = LIBRARIES,
) -> Path:
    """Compile and link; skips the test where the compiler is not installed.

    A source is compiled once a run for the same compiler and flags.
    """
    if shutil.which(compiler) is None:
        pytest.skip(f"needs {compiler}")
    objects = [_object(source, compiler, flags) for source in sources]
    _run([compiler, *flags, "-o", out, *objects, *libraries])
    return out


def _object(source: Path, compiler: str, flags: Sequence[str]) -> Path:
    # Those of the linker alone: clang warns of what it does not use.
    flags = [flag for flag in flags if not flag.startswith(("-shared", "-static", "-Wl,"))]
    command = [compiler, *STRICT, *flags, f"-I{C}", f"-I{C / 'core'}", "-c", source]
    known_by = hashlib.sha256(repr(command).encode() + source.read_bytes()).hexdigest()
    name = f"objects/{source.stem}-{known_by[:16]}"
    return made_once(name, lambda to: _run([*command, "-o", to / "made.o"])) / "made.o"


def _run(command: Sequence[str | Path]) -> None:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def build_client(program: Path, main: Path, *options: str, compiler: str = GCC) -> Path:
    """Compile a program with the service's client, which needs no library; skips as `build`."""
    files = [*C.glob("common/*.c"), *C.glob("client/*.c"), main]
    return build(program, files, compiler=compiler, flags=options, libraries=())


def onnxruntime() -> str:
    """The path of libonnxruntime.so in the wheel; skips the test without it."""
    module = pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    folder = Path(module.__file__).parent / "capi"
    found = sorted(folder.glob("libonnxruntime.so.*"))
    if not found:
        pytest.skip("this wheel of ONNX Runtime has no libonnxruntime.so")
    return str(found[0])
