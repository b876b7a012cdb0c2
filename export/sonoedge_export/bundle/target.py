"""Where a bundle is written: judged before the work, and its disk's errors typed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from sonoedge.errors import InvalidSettings, OutputError


def check_target(target: Path, *, replace: bool) -> None:
    """Refuse a place that a bundle cannot be put at.

    Args:
        replace: a bundle that is there may be replaced; anything else is never touched.

    Raises:
        InvalidSettings: something else is there, or a bundle that must stay.
        OutputError: nothing can be written there.
    """
    if target.exists() or target.is_symlink():
        if not (target / "manifest.json").is_file():
            raise InvalidSettings(f"{target} exists and is no bundle; give another --out")
        if not replace:
            raise InvalidSettings(
                f"{target} already holds a bundle; give --force to replace it, or another --out"
            )
    parent = target.absolute().parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise OutputError(f"{target} cannot be written: {parent} is no folder to write to")


@contextlib.contextmanager
def disk_errors(target: Path) -> Iterator[None]:
    """While a bundle is written, what the disk refuses is an error of ours.

    Raises:
        OutputError: it cannot be written, such as on a full disk.
    """
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{target} cannot be written: {error.strerror or error}; nothing was left there"
        ) from error
