"""Cuts of the power during an update, on a file system of its own.

The process is ended after a call, and the backing file of the mounted file system is copied: it
holds what had reached the disk by then, and nothing that was only in memory. The copy is mounted,
which replays its journal, and the store is started. ext4 hides a missing fsync by default
(`auto_da_alloc`): it is switched off, and its journal is committed by the fsync of another file.
Names are on the disk then, and the bytes of files that nobody wrote out are not.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from faults.calls import count_calls
from faults.injector import KILLED, Fault, in_fork, library
from faults.scenario import Ground, Update, make_ground
from sonoedge.errors import SonoedgeError

SIZE = 24 << 20
OPTIONS = "loop,noauto_da_alloc"


def why_not() -> str:
    """What is missing here for cutting the power; empty where nothing is."""
    if os.geteuid() != 0:
        return "only root may mount"
    missing = [
        tool for tool in ("mkfs.ext4", "mount", "umount", "cp") if shutil.which(tool) is None
    ]
    if missing:
        return f"needs {', '.join(missing)}"
    if not Path("/dev/loop-control").exists():
        return "needs loop devices"
    return ""


def cut_all(folder: Path, every: int = 1, *, fsync: bool = True) -> Counter[str]:
    """What came of cuts after the calls of an update, by outcome.

    Args:
        every: after each `every`-th call.
        fsync: False is the control, up to the first bundle lost: nothing is written out in time.
    """
    mount = folder / "mount"
    mount.mkdir()
    base = folder / "base.img"
    with base.open("wb") as image:
        image.truncate(SIZE)
    _run("mkfs.ext4", "-qF", str(base))
    with _mounted(base, mount):
        ground = make_ground(folder, mount / "store")
    calls = _calls(folder, base, ground)
    outcomes = Counter[str]()
    for number in range(calls, 0, -every):  # the last one always
        outcomes[outcome := _cut(folder, ground, number, fsync=fsync)] += 1
        if not fsync and outcome.startswith("BAD"):
            break  # it has shown what it is for
    name = "with fsync" if fsync else "control, without fsync"
    print(f"{outcomes.total()} cuts at {calls} calls, {name}: {dict(outcomes)}")
    return outcomes


def _calls(folder: Path, base: Path, ground: Ground) -> int:
    """How many calls the update makes, on a copy of the file system."""
    image = folder / "counted.img"
    _run("cp", "--sparse=always", str(base), str(image))
    with _mounted(image, folder / "mount"):
        return count_calls(ground.store, Update(root=ground.store, bundle=ground.bundle).run)


def _cut(folder: Path, ground: Ground, number: int, *, fsync: bool) -> str:
    working, cut, mount = folder / "working.img", folder / "cut.img", folder / "mount"
    _run("cp", "--sparse=always", str(folder / "base.img"), str(working))
    update = Update(root=ground.store, bundle=ground.bundle)
    with _mounted(working, mount):
        fault = (ground.store, number, Fault.KILL_AFTER)
        code = in_fork(lambda: _update(update, fsync=fsync), [SonoedgeError], fault=fault)
        _commit(mount)
        _run("cp", "--sparse=always", str(working), str(cut))
    if code != KILLED:
        return f"BAD: call {number}: exit code {code}"
    with _mounted(cut, mount):
        try:
            return update.check(ground.old, ground.new)
        except (AssertionError, SonoedgeError, OSError) as error:
            return f"BAD: call {number}: {type(error).__name__}: {str(error)[:90]}"


def _update(update: Update, *, fsync: bool) -> None:
    if not fsync:
        library().fault_without_fsync()
    update.run()


def _commit(mount: Path) -> None:
    """Bring the journal to the disk: what the update renamed, not what it left in memory."""
    with (mount / "commit").open("wb") as other:
        other.write(b"x")
        other.flush()
        os.fsync(other.fileno())


@contextmanager
def _mounted(image: Path, place: Path) -> Iterator[None]:
    _run("mount", "-o", OPTIONS, str(image), str(place))
    try:
        yield
    finally:
        _run("umount", str(place))


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)
