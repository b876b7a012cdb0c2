"""A sample of what `make faults` and `make power-cut` do, and that they can fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from faults import injector, power

ROOT = Path(__file__).parents[2]

# Replaces a file in place: old and new are gone for a moment, as with a careless program.
CARELESS = """
import sonoedge.store.state as state
def replace(file, data):
    file.unlink(missing_ok=True)
    file.write_bytes(data)
state.replace_durably = replace
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where to work: in memory if there is such a place, since only the order of calls counts."""
    memory = Path("/dev/shm")
    place = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=place) as name:
        yield Path(name)


def run(folder: Path, *words: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """`python -m faults` with these words, after some code of ours."""
    if injector.compiler() is None:
        pytest.skip("needs gcc, which compiles the fault injector")
    program = f"{before}\nimport runpy; runpy.run_module('faults', run_name='__main__')"
    path = os.pathsep.join([str(ROOT / "tests"), *(p for p in sys.path if p)])
    return subprocess.run(
        [sys.executable, "-c", program, *words, "--folder", str(folder)],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
    )


def test_a_fault_at_a_call_leaves_the_old_bundle_or_the_new_one(folder: Path) -> None:
    ended = run(folder, "calls", "--every", "25")
    assert ended.returncode == 0, ended.stderr
    assert "old" in ended.stdout


def test_the_faults_show_what_a_careless_program_loses(folder: Path) -> None:
    ended = run(folder, "calls", "--every", "9", before=CARELESS)
    assert ended.returncode == 1, ended.stdout
    assert "BAD" in ended.stderr


def test_a_kill_at_any_moment_leaves_the_old_bundle_or_the_new_one(folder: Path) -> None:
    ended = run(folder, "kills", "--runs", "20")
    assert ended.returncode == 0, ended.stderr


def test_a_cut_of_the_power_leaves_the_old_bundle_or_the_new_one(tmp_path: Path) -> None:
    reason = power.why_not()
    if reason:
        pytest.skip(f"the power cannot be cut here: {reason}")
    try:
        ended = run(tmp_path, "power", "--every", "60")
    finally:
        shutil.rmtree(tmp_path, ignore_errors=True)
    if "CalledProcessError" in ended.stderr:
        pytest.skip("this system lets nobody mount a loop device")
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_every_fault_is_one_of_the_librarys() -> None:
    source = injector.SOURCE.read_text()
    names = source.partition("enum kind {")[2].partition("}")[0]
    assert [name.strip() for name in names.split(",")] == [fault.name for fault in injector.Fault]
