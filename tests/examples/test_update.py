"""The scripts for RAUC and Mender, called as these tools call them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from faults.scenario import Update, make_bundle
from sonoedge.store.layout import Layout
from sonoedge.store.state import State, read_state

Script = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def script(repository: Path, tmp_path: Path) -> Script:
    """Runs a script with `sonoedge` on its path, and the store at STORE."""
    program = tmp_path / "bin" / "sonoedge"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sonoedge "$@"\n')
    program.chmod(0o755)
    environment = os.environ | {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
        "SONOEDGE_STORE": str(tmp_path / "STORE"),
        "SONOEDGE_MAX_MS": "60000",
    }

    def run(name: str, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        file = repository / "examples/update" / name
        command = ["/bin/sh", str(file), *words]
        return subprocess.run(command, env=environment | more, capture_output=True, text=True)

    return run


def state(tmp_path: Path) -> State:
    return read_state(Layout(root=tmp_path / "STORE"))


def test_rauc_brings_a_bundle_that_is_active_on_trial(script: Script, tmp_path: Path) -> None:
    mounted = tmp_path / "mounted"
    make_bundle(mounted / "sonoedge", "1")
    ended = script("rauc-post-install.sh", RAUC_BUNDLE_MOUNT_POINT=str(mounted))
    assert ended.returncode == 0, ended.stderr
    assert state(tmp_path).trial is not None
    (mounted / "sonoedge/more").touch()
    before = state(tmp_path)
    ended = script("rauc-post-install.sh", RAUC_BUNDLE_MOUNT_POINT=str(mounted))
    assert ended.returncode == 5, ended.stdout
    assert state(tmp_path) == before


def test_rauc_may_bring_none(script: Script, tmp_path: Path) -> None:
    ended = script("rauc-post-install.sh", RAUC_BUNDLE_MOUNT_POINT=str(tmp_path))
    assert (ended.returncode, ended.stdout) == (0, "sonoedge: this update brings no bundle\n")


def mender(script: Script, tmp_path: Path, version: str, *states: str) -> list[int]:
    """Exit codes of an update module's states; the artifact's files are made anew."""
    place = tmp_path / f"mender-{version}"
    if not place.exists():
        (place / "files").mkdir(parents=True)
        (place / "tmp").mkdir()
        source = make_bundle(tmp_path / f"source-{version}", version)
        shutil.make_archive(str(place / "files/bundle"), "tar", source)
    return [script("mender-module.sh", name, str(place)).returncode for name in states]


def test_mender_commits_and_rolls_back(script: Script, tmp_path: Path) -> None:
    assert mender(script, tmp_path, "1", "ArtifactInstall", "ArtifactCommit", "Cleanup") == [0] * 3
    first = state(tmp_path).active
    assert state(tmp_path).trial is None
    assert mender(script, tmp_path, "2", "ArtifactInstall") == [0]
    assert state(tmp_path).active != first
    assert mender(script, tmp_path, "2", "ArtifactRollback", "ArtifactRollback") == [0, 0]
    assert state(tmp_path).active == first


def test_mender_does_not_go_back_from_what_never_ran(script: Script, tmp_path: Path) -> None:
    for version in ("1", "2"):
        bundle = make_bundle(tmp_path / version, version)
        Update(root=tmp_path / "STORE", bundle=bundle).run()
    before = state(tmp_path)
    mender(script, tmp_path, "3")
    (tmp_path / "mender-3/files/bundle.tar").write_bytes(b"no archive")
    codes = mender(script, tmp_path, "3", "ArtifactInstall", "ArtifactRollback")
    assert codes[0] != 0
    assert codes[1] == 0
    assert state(tmp_path) == before


def test_mender_is_told_what_it_asks(script: Script, tmp_path: Path) -> None:
    for name, answer in (("SupportsRollback", "Yes"), ("NeedsArtifactReboot", "No")):
        assert script("mender-module.sh", name, str(tmp_path)).stdout == f"{answer}\n"


@pytest.mark.parametrize("name", ["rauc-post-install.sh", "mender-module.sh"])
def test_a_script_is_short_and_runs_by_itself(repository: Path, name: str) -> None:
    file = repository / "examples/update" / name
    assert os.access(file, os.X_OK)
    assert len(file.read_text().splitlines()) <= 30
