"""Tests' programs in C are linked of objects that are compiled once a run."""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path

import pytest

from c_build import COMPILERS, SANITIZED, build

ANSWER = "int answer(void);\nint answer(void) { return ANSWER; }\n"
MAIN = "int answer(void);\nint main(void) { return answer(); }\n"


@pytest.fixture(autouse=True)
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run of the tests' own."""
    monkeypatch.setenv("SONOEDGE_TESTS_SHARED", str(tmp_path / "shared"))
    return tmp_path / "shared" / "objects"


@pytest.fixture
def sources(tmp_path: Path) -> list[Path]:
    (tmp_path / "answer.c").write_text(ANSWER)
    (tmp_path / "main.c").write_text(MAIN)
    return [tmp_path / "answer.c", tmp_path / "main.c"]


def ends_with(program: Path) -> int:
    return subprocess.run([program]).returncode


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_same_source_under_the_same_flags_is_compiled_once(
    compiler: str, sources: list[Path], shared: Path, tmp_path: Path
) -> None:
    def made(name: str, *flags: str) -> Path:
        return build(tmp_path / name, sources, compiler=compiler, flags=flags)

    assert [ends_with(made(name, "-DANSWER=7")) for name in ("one", "two")] == [7, 7]
    assert len(list(shared.glob("*/made.o"))) == 2
    assert ends_with(made("three", "-DANSWER=8", *SANITIZED)) == 8
    assert len(list(shared.glob("*/made.o"))) == 4
    sources[1].write_text(MAIN.replace("answer();", "answer() + 1;"))
    assert ends_with(made("four", "-DANSWER=7")) == 8
    assert len(list(shared.glob("*/made.o"))) == 5


@pytest.mark.parametrize("compiler", COMPILERS)
def test_a_library_is_linked_of_objects_too(
    compiler: str, sources: list[Path], tmp_path: Path
) -> None:
    flags = ("-shared", "-fPIC", "-DANSWER=7")
    library = build(tmp_path / "answer.so", sources[:1], compiler=compiler, flags=flags)
    assert ctypes.CDLL(str(library)).answer() == 7


def test_a_warning_fails_the_build(sources: list[Path], tmp_path: Path) -> None:
    sources[1].write_text(MAIN.replace("{", "{ int unused;"))
    with pytest.raises(AssertionError, match="unused"):
        build(tmp_path / "program", sources, flags=["-DANSWER=7"])
