"""The folder that clips are written into: one writer, whole clips only, bounded in size."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
from pathlib import Path
from typing import Final

from sonoedge.durable import sync_folder
from sonoedge.errors import InvalidSettings, OutputError

INCOMING: Final = "incoming"
OWNER_ONLY: Final = 0o700
_CLIP: Final = re.compile(r"(\d{6,12})-(?:flag|fault)")


class Place:
    """A folder of clips, NUMBER-flag and NUMBER-fault, locked for one session.

    A clip is written below `incoming` and renamed when all of it has reached the disk. What a
    killed process left in `incoming` goes at the next start.

    Args:
        folder: it is made where it is missing.
        most_bytes: of all clips together.

    Raises:
        InvalidSettings: another session records there.
        OutputError: the folder cannot be made or written.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder.absolute()
        self._incoming = self._folder / INCOMING
        self._most_bytes = most_bytes
        try:
            self._folder.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
            self._lock = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise OutputError(f"cannot record into {folder}: {error.strerror}") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if self._incoming.exists():
                shutil.rmtree(self._incoming)
            self._incoming.mkdir(mode=OWNER_ONLY)
        except BlockingIOError:
            self.close()
            raise InvalidSettings(
                f"another session records into {folder}; give each one a folder of its own"
            ) from None
        except OSError as error:
            self.close()
            raise OutputError(f"cannot record into {folder}: {error.strerror}") from None

    def draft(self) -> Path:
        """A new, empty folder for a clip in the making.

        Raises:
            OSError: it cannot be made.
        """
        draft = self._incoming / "clip"
        if draft.exists():
            shutil.rmtree(draft)
        draft.mkdir(mode=OWNER_ONLY)
        return draft

    def drop(self, draft: Path) -> None:
        """Remove a draft that will not be a clip."""
        shutil.rmtree(draft, ignore_errors=True)

    def keep(self, draft: Path, kind: str) -> str:
        """Make a clip of a draft whose files have reached the disk; the oldest clips make room.

        Returns:
            its name.

        Raises:
            OSError: it cannot be put in its place.
            OutputError: it is larger than all clips together may be.
        """
        size = _size(draft)
        if size > self._most_bytes:
            raise OutputError(
                f"the clip has {size} bytes, all clips may have {self._most_bytes}: raise disk_mb"
            )
        clips = self.clips()
        sizes = {clip: _size(self._folder / clip) for clip in clips}
        total = sum(sizes.values())
        for clip in clips:
            if total + size <= self._most_bytes:
                break
            self._remove(clip)
            total -= sizes[clip]
        last = int(clips[-1].partition("-")[0]) if clips else 0
        name = f"{last + 1:06d}-{kind}"
        sync_folder(draft)
        draft.rename(self._folder / name)
        sync_folder(self._folder)
        return name

    def clips(self) -> list[str]:
        """The clips' names, oldest first."""
        return clips(self._folder)

    def close(self) -> None:
        """Let another session record here; closing twice is harmless."""
        if self._lock >= 0:
            fcntl.flock(self._lock, fcntl.LOCK_UN)  # a fork may hold a copy of the descriptor
            os.close(self._lock)
            self._lock = -1

    def _remove(self, clip: str) -> None:
        """Out of sight in one step: a kill leaves no half of it."""
        going = self._incoming / clip
        (self._folder / clip).rename(going)
        shutil.rmtree(going)


def clips(folder: Path) -> list[str]:
    """The names of a folder's clips, oldest first; empty where it cannot be read."""
    names = []
    with contextlib.suppress(OSError):
        names = [entry.name for entry in folder.iterdir() if _CLIP.fullmatch(entry.name)]
    return sorted(names, key=lambda name: int(name.partition("-")[0]))


def _size(folder: Path) -> int:
    """Bytes of the files below a folder."""
    return sum(file.lstat().st_size for file in folder.rglob("*") if not file.is_dir())
