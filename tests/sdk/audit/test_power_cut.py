"""A power cut, as a copy of the disk below a mounted file system: what it has not got is lost.

Needs root, loop devices and ext4. Its options show what a missing sync would lose.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sonoedge.audit import SealKey, create_log, first_key, verify_log
from sonoedge.audit.appending import Appender

OPTIONS = "loop,noauto_da_alloc,commit=600"


def run(*words: str) -> bool:
    return subprocess.run(words, capture_output=True).returncode == 0


class Disk:
    """An ext4 image, mounted."""

    def __init__(self, place: Path) -> None:
        self.image, self.mounted, self.after = place / "disk.img", place / "m", place / "after"
        self.mounted.mkdir()
        self.after.mkdir()
        with self.image.open("wb") as file:
            file.truncate(16 << 20)
        able = os.geteuid() == 0 and shutil.which("mkfs.ext4") is not None
        if not (able and run("mkfs.ext4", "-qF", str(self.image)) and self._mount(self.mounted)):
            pytest.skip("needs root, loop devices and ext4")

    def _mount(self, where: Path) -> bool:
        return run("mount", "-o", OPTIONS, str(self.image), str(where))

    def cut(self) -> Path:
        """The power goes: the disk as it is, mounted anew somewhere else."""
        copy = self.image.with_name("cut.img")
        assert run("cp", "--sparse=always", str(self.image), str(copy))
        assert run("mount", "-o", OPTIONS, str(copy), str(self.after))
        return self.after

    def close(self) -> None:
        for where in (self.after, self.mounted):
            run("umount", "-l", str(where))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    made = Disk(tmp_path)
    yield made
    made.close()


def begun(disk: Disk) -> tuple[Path, SealKey]:
    key = first_key(create_log(disk.mounted / "log"))
    return disk.mounted / "log", key


def test_what_was_synced_survives_and_the_next_start_goes_on(
    disk: Disk, drops: Callable[[int], list[Any]]
) -> None:
    folder, key = begun(disk)
    with Appender(folder) as appender:
        appender.append(drops(9))
        appender.sync(1)
        synced = appender.anchor
        appender.append(drops(20))
        after = disk.cut() / "log"
    assert synced is not None
    verified = verify_log(after, key=key, anchor=synced)
    assert verified.anchor_checked
    with Appender(after) as appender:
        appender.append(drops(3))
        appender.seal(5)
    assert verify_log(after, key=key, anchor=synced).unsealed == 0


def test_a_seal_and_its_next_key_survive_together(
    disk: Disk, drops: Callable[[int], list[Any]]
) -> None:
    folder, key = begun(disk)
    with Appender(folder) as appender:
        for _ in range(3):
            appender.append(drops(5))
            appender.seal(1)
        sealed = appender.anchor
        after = disk.cut() / "log"
    with Appender(after) as appender:
        appender.append(drops(2))
        appender.seal(2)
    assert verify_log(after, key=key, anchor=sealed).seals == 5


def test_without_a_sync_this_cut_loses_records(
    disk: Disk, drops: Callable[[int], list[Any]]
) -> None:
    folder, key = begun(disk)
    with Appender(folder, sync=lambda fd: None) as appender:
        appender.append(drops(9))
        appender.sync(1)
        last = appender.anchor
        after = disk.cut() / "log"
    assert last is not None
    assert verify_log(after, key=key).last < last.seq
