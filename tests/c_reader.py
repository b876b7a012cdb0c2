"""The native library's readers as a program: requests in, what was made of each out."""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

REPOSITORY: Final = Path(__file__).parents[1]
SOURCES: Final = REPOSITORY / "sdk/c"
STRICT: Final = (
    *("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"),
    "-ffp-contract=off",
)
SANITIZED: Final = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
_HEAD: Final = struct.Struct("<cII")
_LENGTH: Final = struct.Struct("<I")


def reader_files() -> list[Path]:
    """The sources that the readers need."""
    core = SOURCES / "core"
    return [core / "arena.c", core / "problem.c", core / "text.c", *sorted(core.glob("read/*.c"))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """The program; a refusal is an answer that begins with "!"."""

    program: Path

    def answers(self, kind: str, requests: Sequence[tuple[bytes, int]]) -> list[bytes]:
        """One answer per request.

        Args:
            kind: the letter of drive.c.
            requests: data, and the number that this kind takes.
        """
        return self.mixed([(kind, data, number) for data, number in requests])

    def mixed(self, requests: Sequence[tuple[str, bytes, int]]) -> list[bytes]:
        """One answer per request of any kind, in one life of the program."""
        asked = b"".join(
            _HEAD.pack(kind.encode(), len(data), number) + data for kind, data, number in requests
        )
        done = subprocess.run([self.program], input=asked, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode(errors="replace")[-3000:]
        answers, at = [], 0
        while at < len(done.stdout):
            (length,) = _LENGTH.unpack_from(done.stdout, at)
            at += _LENGTH.size
            answers.append(done.stdout[at : at + length])
            at += length
        assert len(answers) == len(requests)
        return answers

    def answer(self, kind: str, data: bytes, number: int = 0) -> bytes:
        """The answer to one request."""
        return self.answers(kind, [(data, number)])[0]


def build_reader(compiler: str, folder: Path) -> Reader:
    """Build it: with sanitizers by gcc, as a device would have it by clang."""
    found = shutil.which(compiler)
    if found is None:
        pytest.skip(f"needs {compiler}")
    program = folder / f"drive-{compiler}"
    tests = REPOSITORY / "tests/sdk/c/core/read"
    flags = SANITIZED if compiler == "gcc" else ("-O2",)
    files = (*reader_files(), tests / "drive.c", tests / "dump.c")
    subprocess.run(
        [found, *STRICT, *flags, f"-I{SOURCES}", f"-I{tests}", "-o", program, *files], check=True
    )
    return Reader(program=program)


def c_hex(value: float) -> str:
    """A finite number as C's "%a" writes it."""
    mantissa, _, exponent = value.hex().partition("p")
    return mantissa.rstrip("0").rstrip(".") + "p" + exponent if value else value.hex()[:-5] + "p+0"
