"""Put a finished folder in its place: all of it, or nothing, whatever happens meanwhile."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sonoedge.durable import sync_folder, write_durably
from sonoedge.errors import InvalidSettings, OutputError, SonoedgeError
from sonoedge_export.bundle.exchange import exchange, rename_new


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of folder.

    Attributes:
        noun: what it is called in messages.
        mark: the file that tells such a folder from any other.
    """

    noun: str
    mark: str


BUNDLE: Final = Kind(noun="bundle", mark="manifest.json")
EVIDENCE: Final = Kind(noun="evidence pack", mark="index.json")


def check_target(target: Path, kind: Kind = BUNDLE, *, replace: bool) -> None:
    """Refuse, before any work is done, a place that a folder could not be put into.

    Args:
        replace: one of its kind that is there may be replaced; anything else is never touched.

    Raises:
        InvalidSettings: something of another kind is there, or one of it that must stay.
        OutputError: its folder cannot be written, or one there could not be replaced in one step.
    """
    if target.is_symlink():
        raise InvalidSettings(f"{target} is a link; give the folder that it points to as --out")
    there = target.exists()
    if there and not (target / kind.mark).is_file():
        raise InvalidSettings(f"{target} exists and is no {kind.noun}; give another --out")
    if there and not replace:
        article = "an" if kind.noun[0] in "aeiou" else "a"
        raise InvalidSettings(
            f"{target} already holds {article} {kind.noun}; give --force to replace it, or another "
            "--out"
        )
    with _output_errors(target, kind):
        target.parent.mkdir(parents=True, exist_ok=True)
        with _draft(target) as draft:
            for name in ("a", "b"):
                (draft / name).mkdir()
            if there:
                exchange(draft / "a", draft / "b")


@contextlib.contextmanager
def publish(target: Path, kind: Kind = BUNDLE, *, replace: bool = True) -> Iterator[Path]:
    """A draft folder that takes the target's place when the block ends well.

    A folder of its kind at the target is replaced in one step: at every moment the old one or the
    new one is there, complete, after a power cut too. What a killed export left beside it is
    removed.

    Args:
        replace: as in `check_target`.

    Raises:
        InvalidSettings, OutputError: as `check_target`; the target is unchanged.
    """
    check_target(target, kind, replace=replace)
    with _output_errors(target, kind), _draft(target) as draft:
        yield draft
        _sync(draft)
        if target.exists():
            exchange(draft, target)
        else:
            rename_new(draft, target)
        sync_folder(target.parent)


def write(folder: Path, path: str, data: bytes) -> None:
    """Write one file of a draft, to the disk itself."""
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    write_durably(file, data)


@contextlib.contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """A folder beside the target, locked for as long as it is at work, then removed."""
    prefix = f".{target.name}.draft-"
    with _locked(target.parent):  # a draft is not to be taken for a leftover before its own lock
        for leftover in target.parent.glob(f"{prefix}*"):
            with contextlib.suppress(BlockingIOError), _locked(leftover, wait=False):
                shutil.rmtree(leftover, ignore_errors=True)
        draft = Path(tempfile.mkdtemp(prefix=prefix, dir=target.parent))
        stack = contextlib.ExitStack()
        stack.enter_context(_locked(draft))
    try:
        draft.chmod(0o755)
        yield draft
    finally:
        # After an exchange this is the bundle that was replaced; after a renaming it is gone.
        shutil.rmtree(draft, ignore_errors=True)
        stack.close()


@contextlib.contextmanager
def _locked(folder: Path, *, wait: bool = True) -> Iterator[None]:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(fd)


def _sync(folder: Path) -> None:
    """Write out the names in a folder and in all below it; their files have reached the disk."""
    for place, folders, _ in os.walk(folder, topdown=False):
        for name in folders:
            sync_folder(Path(place) / name)
    sync_folder(folder)


@contextlib.contextmanager
def _output_errors(target: Path, kind: Kind) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if isinstance(error, SonoedgeError):  # one that is both, such as BundleNotFound
            raise
        if error.errno in (errno.EINVAL, errno.ENOSYS):
            why = (
                f"its file system cannot replace a folder in one step; remove the {kind.noun} there"
            )
        else:
            why = f"{error.strerror or error}; free it"
        raise OutputError(
            f"nothing was written to {target}: {why}, or give another --out"
        ) from error
